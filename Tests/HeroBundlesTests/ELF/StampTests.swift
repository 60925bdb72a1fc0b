// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import HeroBundles

@Suite("a stamp")
struct StampTests {
    private let project: TemporaryProject
    private let plain: [UInt8]

    init() throws {
        project = try TemporaryProject()
        try project.compile(SampleBundles.action("answer"), to: "actions/x.so")
        plain = try project.bytes("actions/x.so")
    }

    private func manifest(_ name: String) -> BundleManifest {
        BundleManifest(
            kind: .c, name: name, version: "1.2.3-beta+7", module: "M", sdk: "1.0.0", sdkInterface: "ab", swift: nil,
            target: "x86_64-unknown-linux-gnu", build: "b", flags: ["-O", "-g"])
    }

    private func stamped(_ bytes: [UInt8], _ name: String) throws -> [UInt8] {
        try BundleStamp.stamped(bytes, path: "x.so", manifest(name))
    }

    @Test("can be read back, whatever is in it")
    func roundTrip() throws {
        for name in [
            "x", "", "a/b c", "名前 \u{1F600}", "quote \" backslash \\ newline \n", String(repeating: "n", count: 60_000),
        ] {
            #expect(try BundleNote.read(from: ELFFile(bytes: stamped(plain, name))) == manifest(name))
        }
    }

    @Test("leaves alone every byte that the dynamic linker maps")
    func mappedBytes() throws {
        let end = try Int(ELFHeader(ELFReader(bytes: plain)).mappedEnd(ELFReader(bytes: plain)))
        let once = try stamped(plain, "x")
        // All but the position and number of the section table, which only tools read.
        #expect(once[0..<40] == plain[0..<40] && once[48..<60] == plain[48..<60] && once[62..<end] == plain[62..<end])
    }

    @Test("replaces an earlier one without growing the file")
    func again() throws {
        let once = try stamped(plain, "a")
        let other = try stamped(once, "some longer name")
        #expect(try stamped(other, "a") == once)
        #expect(try BundleNote.read(from: ELFFile(bytes: other)).name == "some longer name")
        #expect(try ELFFile(bytes: other).sections.filter { $0.name == BundleNote.sectionName }.count == 1)
    }

    @Test("is the same for the same file and manifest")
    func reproducible() throws {
        #expect(try stamped(plain, "x") == stamped(plain, "x"))
    }

    @Test("survives GNU strip, or what does the same, and the stripped file still loads")
    func strip() throws {
        let fitting = BundleStamp.manifest(kind: .c, name: "x", version: "1.0.0", module: "x", host: .test)
        try BundleStamp.stamp("\(project.root)/actions/x.so", fitting)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["llvm-objcopy", "--strip-all-gnu", "\(project.root)/actions/x.so"]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        let stripped = try project.bytes("actions/x.so")
        #expect(stripped.count < plain.count + 1000)
        #expect(try BundleNote.read(from: ELFFile(bytes: stripped)) == fitting)
        #expect(try project.actions().keys.sorted() == ["answer"])
    }

    @Test("keeps the file's permissions")
    func permissions() throws {
        let path = "\(project.root)/actions/x.so"
        try FileManager.default.setAttributes([.posixPermissions: 0o750], ofItemAtPath: path)
        try BundleStamp.stamp(path, manifest("x"))
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o750)
        #expect(try project.bytes("actions/x.so") == stamped(plain, "x"))
    }

    @Test("is refused by what is no shared library, with the code of a bundle")
    func notShared() throws {
        let refused = #expect(throws: BundlesRefused.self) {
            try BundleStamp.stamped(Array("text".utf8), path: "x.so", manifest("x"))
        }
        #expect(refused?.problems.map(\.code) == [.notShared])
    }

    @Test("is refused where the section table has no room for one")
    func noRoom() throws {
        // The section of section names itself claims to be the note.
        let once = try stamped(plain, "x")
        let image = try ELFImage(once)
        let names = try #require(try image.entry(".shstrtab"))
        let note = try #require(try image.entry(BundleNote.sectionName))
        let noteName = try #require(ELFReader(bytes: once).number(UInt32.self, at: note))
        let strange = once.putting(noteName, at: names)
        let refused = #expect(throws: BundlesRefused.self) { try stamped(strange, "y") }
        #expect(refused?.problems.map(\.code) == [.truncated])
    }

    @Test("does not cut into what is mapped when a note claims to lie there")
    func noteInside() throws {
        let once = try stamped(plain, "x")
        let entry = try #require(try ELFImage(once).entry(BundleNote.sectionName))
        for offset in [UInt64(0), 8, 64] {
            let strange = once.putting(offset, at: entry + 24)
            guard let again = try? stamped(strange, "y") else { continue }
            #expect(try BundleNote.read(from: ELFFile(bytes: again)).name == "y")
            #expect(again.count > plain.count)
        }
    }
}
