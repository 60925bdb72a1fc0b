// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import HeroBundles
@testable import HeroRuntime
@testable import HeroSystem

@Suite("a generation is frozen as a whole")
struct GenerationStoreTests {
    private let project: TemporaryProject
    private let store: GenerationStore

    init() throws {
        project = try TemporaryProject()
        store = GenerationStore(projectRoot: project.root)
        try project.stamp(SampleBundles.action("a"), to: "actions/a.so")
    }

    private func freeze(configuration: String = "") throws -> HeldGeneration {
        try store.freeze(
            ProjectBundles.collect(in: project.root), configuration: configuration, host: .test
        ).generation
    }

    private func names(_ path: String) throws -> [String] { try FileContents.list("\(project.root)/\(path)") }

    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test("equal content is the same generation, other content or configuration the next one")
    func numbers() throws {
        let first = try freeze().generation
        #expect(first.number == 1)
        #expect(try freeze().generation.number == 1)
        #expect(try freeze(configuration: "c").generation.number == 2)
        try project.stamp(SampleBundles.action("b"), to: "actions/b.so")
        let third = try freeze(configuration: "c").generation
        #expect(third.number == 3 && third.files.map(\.path) == ["actions/a.so", "actions/b.so"])
        // Back to what it was is a step forward all the same: numbers never go back.
        unlink("\(project.root)/actions/b.so")
        let fourth = try freeze().generation
        #expect(fourth.number == 4 && fourth.fingerprint == first.fingerprint)
        #expect(fourth.fingerprint != third.fingerprint)
    }

    @Test("a file lies in the store under its hash and its name, and nobody may write it")
    func contentAddressed() throws {
        let held = try freeze()
        let file = try #require(held.generation.files.first)
        let path = store.storePath(file)
        #expect(path == "\(project.root)/tmp/generations/store/\(file.sha256)/a.so")
        #expect(file.sha256 == SHA256.hexadecimal(try project.bytes("actions/a.so")))
        #expect(try FileContents.read(path) == project.bytes("actions/a.so"))
        #expect(try mode(path) == 0o444)
    }

    @Test("a copy in the store is no link to the project's file")
    func noLink() throws {
        let held = try freeze()
        let path = store.storePath(try #require(held.generation.files.first))
        let before = try FileContents.read(path)
        let handle = try #require(FileHandle(forWritingAtPath: "\(project.root)/actions/a.so"))
        try handle.write(contentsOf: Data(repeating: 0, count: 4096))
        try handle.close()
        #expect(try FileContents.read(path) == before)
        _ = held
    }

    @Test("equal bundles of two generations take their place once")
    func sharedFiles() throws {
        _ = try freeze()
        _ = try freeze(configuration: "other")
        #expect(try names("tmp/generations/store").count == 1)
        #expect(try names("tmp/generations") == ["1", "2", "lock", "store"])
    }

    @Test("a changed store file is made good by the next freeze")
    func repaired() throws {
        let path = try store.storePath(#require(freeze().generation.files.first))
        try FileContents.replace(path, with: [1, 2, 3], mode: 0o444)
        #expect(try freeze().generation.number == 1)
        #expect(try FileContents.read(path) == project.bytes("actions/a.so"))
    }

    @Test("opening a generation notices a changed and a missing store file")
    func corrupted() throws {
        let path = try store.storePath(#require(freeze().generation.files.first))
        #expect(try store.open(1).generation.number == 1)
        var bytes = try FileContents.read(path)
        bytes[bytes.count / 2] ^= 1
        try FileContents.replace(path, with: bytes, mode: 0o444)
        let error = #expect(throws: GenerationError.self) { try store.open(1) }
        #expect(error?.description.contains("\(path) was modified (HB402)") == true)
        unlink(path)
        #expect(throws: FileError.self) { try store.open(1) }
        let absent = #expect(throws: GenerationError.self) { try store.open(9) }
        #expect(absent?.description == "there is no generation 9 in \(project.root)/tmp/generations")
    }

    @Test("a freeze that was interrupted leaves nothing that counts")
    func interrupted() throws {
        _ = try freeze()
        // What a process leaves when it ends between any two steps.
        try project.write("half", to: "tmp/generations/store/0000/x.so.1-2.tmp".withDirectory(in: project))
        try project.write("half", to: "tmp/generations/2/generation.json.1-2.tmp".withDirectory(in: project))
        #expect(throws: GenerationError.self) { try store.open(2) }
        #expect(try freeze().generation.files.map(\.path) == ["actions/a.so"])
        let latest = try freeze(configuration: "new").generation.number
        try store.prune(keeping: 2)
        #expect(try !names("tmp/generations").contains("2"))
        #expect(try names("tmp/generations").contains("\(latest)"))
        #expect(try !names("tmp/generations/store").contains("0000"))
    }

    @Test("a refused generation leaves no trace")
    func refused() throws {
        try project.write("text", to: "actions/b.so")
        #expect(throws: BundlesRefused.self) { try freeze() }
        #expect(try names("tmp/generations") == ["lock", "store"])
        #expect(try names("tmp/generations/store") == [])
    }

    @Test("a store that cannot be written is an error with its path")
    func unwritable() throws {
        try project.write("a file", to: "tmp")
        let error = #expect(throws: FileError.self) { try freeze() }
        #expect(error?.path.hasPrefix("\(project.root)/tmp") == true)
    }
}

extension String {
    /// The path itself, after its directory was made.
    fileprivate func withDirectory(in project: TemporaryProject) throws -> String {
        try FileContents.createDirectory("\(project.root)/\(split(separator: "/").dropLast().joined(separator: "/"))")
        return self
    }
}
