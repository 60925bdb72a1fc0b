// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import HeroBundles

@Suite("a small file cannot ask for much")
struct ELFLimitTests {
    private let project: TemporaryProject
    private let valid: [UInt8]

    init() throws {
        project = try TemporaryProject()
        valid = try project.stamp(SampleBundles.action("answer"))
    }

    /// Appends a section's new contents and points the section at them.
    private func replacing(_ section: String, with contents: [UInt8]) throws -> [UInt8] {
        let entry = try #require(try ELFImage(valid).entry(section))
        return valid.putting(UInt64(valid.count), at: entry + 24).putting(UInt64(contents.count), at: entry + 32)
            + contents
    }

    @Test("counts and sizes that the file does not have are refused without making room for them")
    func counts() throws {
        let image = try ELFImage(valid)
        let symbols = try #require(try image.entry(".dynsym"))
        for bytes in [
            valid.putting(UInt16.max, at: 56), valid.putting(UInt16.max, at: 60),
            valid.putting(UInt64.max, at: symbols + 32), valid.putting(UInt64.max - 8, at: symbols + 24),
            valid.putting(UInt64(1) << 40, at: 40), valid.putting(UInt64.max, at: 32),
        ] {
            #expect(BundleFile.problems(bytes).first?.hasPrefix("HB102 actions/x.so is cut short: ") == true)
        }
    }

    @Test("many symbols that share one long name are refused")
    func sharedName() throws {
        let name = [UInt8](repeating: UInt8(ascii: "a"), count: 60_000) + [0]
        let strings = try #require(try ELFImage(valid).entry(".dynstr"))
        // 40 000 symbols, each named by the one string: 2.4 GB of names in a file of 1 MB.
        let symbol: [UInt8] = [0, 0, 0, 0, 0x10, 0, 0, 0] + [UInt8](repeating: 0, count: 16)
        var bytes = try replacing(".dynsym", with: (0..<40_000).flatMap { _ in symbol })
        bytes.put(UInt64(bytes.count), at: strings + 24)
        bytes.put(UInt64(name.count), at: strings + 32)
        bytes += name
        // The dynamic section names libraries by the same strings.
        #expect(throws: ELFFile.Fault.self) { try ELFFile(bytes: bytes).dynamicSymbols() }
    }

    @Test("a name without an end is refused")
    func endlessName() throws {
        let bytes = [UInt8](repeating: UInt8(ascii: "a"), count: 70_000) + [0]
        #expect(ELFReader(bytes: bytes).string(at: 0, within: 0..<bytes.count) == nil)
        #expect(ELFReader(bytes: bytes).string(at: 70_000 - 8, within: 0..<bytes.count) == "aaaaaaaa")
    }

    @Test("a chain of version records that leads back to itself ends")
    func versionCycle() throws {
        // Verneed: version, count, file, offset of the first Vernaux, offset of the next record.
        let record: [UInt8] = [1, 0, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        let entry = try #require(try ELFImage(valid).entry(".gnu.version_r"))
        var bytes = try replacing(".gnu.version_r", with: (0..<1000).flatMap { _ in record })
        bytes.put(UInt32(0x6fff_fffe), at: entry + 4)
        for position in 0..<1000 { bytes.put(UInt32(16), at: valid.count + position * 16 + 12) }
        #expect(try ELFFile(bytes: bytes).requiredGlibc() == nil)
    }

    @Test("a note longer than 64 KiB is neither written nor read")
    func longNote() throws {
        var manifest = BundleStamp.manifest(kind: .c, name: "x", version: "1.0.0", module: "x", host: .test)
        manifest.name = String(repeating: "x", count: 70_000)
        #expect(throws: (any Error).self) { try BundleNote.make(manifest) }
        let long = try replacing(BundleNote.sectionName, with: [UInt8](repeating: 0x20, count: 70_000))
        #expect(BundleFile.problems(long).first?.contains("a note that cannot be read: it is too long") == true)
    }

    @Test("JSON nested without end is refused")
    func nesting() throws {
        let deep = Array(String(repeating: "[", count: 60_000).utf8)
        var note: [UInt8] = []
        for number in [UInt32(11), UInt32(deep.count), 1] {
            note += withUnsafeBytes(of: number.littleEndian) { Array($0) }
        }
        note += Array("ActionHero\0\0".utf8) + deep
        let problems = BundleFile.problems(try replacing(BundleNote.sectionName, with: note))
        #expect(problems.count == 1 && problems.first?.hasPrefix("HB104 ") == true)
    }
}
