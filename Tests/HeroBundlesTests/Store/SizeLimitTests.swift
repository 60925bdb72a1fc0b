// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import HeroBundles
@testable import HeroRuntime
@testable import HeroSystem

@Suite("a file that somebody drops does not decide how much memory or time is taken")
struct SizeLimitTests {
    private let project: TemporaryProject

    init() throws { project = try TemporaryProject() }

    private func check(maximumSize: Int = BundleFile.maximumSize) throws -> [String] {
        GenerationStore(projectRoot: project.root, maximumSize: maximumSize).check(
            try ProjectBundles.collect(in: project.root), host: .test
        ).problems.map(\.description)
    }

    @Test("HB114: twenty gigabytes of nothing are refused by their size, unread")
    func sparse() throws {
        try project.write("", to: "actions/x.so")
        truncate("\(project.root)/actions/x.so", 20 << 30)
        let before = Memory.peakKilobytes
        #expect(
            try check() == [
                "HB114 actions/x.so has 21474836480 bytes, 268435456 are allowed – "
                    + "is it a bundle? If so strip it, or raise general.bundles.maximumSize"
            ])
        #expect(throws: BundlesRefused.self) { try TemporaryProject.freeze(project.root) }
        #expect(throws: BundlesRefused.self) { try BundleFile.read("\(project.root)/actions/x.so") }
        // Far below the file's size, and above what other tests may take meanwhile.
        #expect(Memory.peakKilobytes - before < 2 << 20)
    }

    @Test("HB114: a good bundle that somebody has padded, and one that is larger than the configuration allows")
    func padded() throws {
        let good = try project.stamp(SampleBundles.action("a"), to: "actions/a.so")
        #expect(try check() == [])
        #expect(try check(maximumSize: good.count) == [])
        #expect(try check(maximumSize: good.count - 1).map { $0.prefix(5) } == ["HB114"])
        truncate("\(project.root)/actions/a.so", 1 << 30)
        #expect(try check().map { $0.prefix(5) } == ["HB114"])
    }

    @Test("HB114: so is the library that a foreign action names")
    func foreign() throws {
        try project.write("library: lib/x.so\nsymbol: f\n", to: "actions/f.foreign.yml")
        try FileContents.createDirectory("\(project.root)/lib")
        try project.write("", to: "lib/x.so")
        truncate("\(project.root)/lib/x.so", 20 << 30)
        #expect(try check().allSatisfy { $0.hasPrefix("HB114 lib/x.so has 21474836480 bytes") })
    }

    @Test("what is read as a whole has a limit everywhere, and a file that grows is read no further")
    func reading() throws {
        try project.write("0123456789", to: "file")
        #expect(try FileContents.read("\(project.root)/file", limit: 10).count == 10)
        let refused = #expect(throws: FileError.self) { try FileContents.read("\(project.root)/file", limit: 9) }
        #expect(refused?.code == EFBIG)
        #expect(refused?.description.hasSuffix("it has 10 bytes, 9 are allowed") == true)
        // Says that it is empty.
        #expect(throws: FileError.self) { try FileContents.read("/proc/self/maps", limit: 16) }
        #expect(try FileContents.read("/proc/self/stat", limit: 1 << 20).count > 16)
    }

    @Test("directories that nest without end, and a link that leads to very much, are told instead of walked through")
    func directories() throws {
        let deep = "actions" + String(repeating: "/a", count: 40)
        try FileContents.createDirectory("\(project.root)/\(deep)")
        let refused = #expect(throws: FileError.self) { try ProjectBundles.collect(in: project.root) }
        #expect(refused?.description.contains("directories may nest 32 deep") == true)
        try FileManager.default.removeItem(atPath: "\(project.root)/actions/a")
        for number in 0..<20 { try project.write("", to: "actions/\(number)") }
        #expect(throws: FileError.self) { try FileContents.list("\(project.root)/actions", limit: 19) }
        #expect(try FileContents.list("\(project.root)/actions", limit: 20).count == 20)
    }

    @Test("the one changed file among many is found, wherever it stands, and one that cannot be read is told")
    func manyHashes() throws {
        var files: [(path: String, sha256: String)] = []
        for number in 0..<61 {
            let bytes = Array("contents \(number)".utf8)
            try project.write(bytes, to: "file\(number)")
            files.append(("\(project.root)/file\(number)", SHA256.hexadecimal(bytes)))
        }
        #expect(try StoredHashes.firstChanged(files) == nil)
        #expect(try StoredHashes.firstChanged([]) == nil)
        for number in [0, 15, 30, 60] {
            try project.write("others", to: "file\(number)")
            #expect(try StoredHashes.firstChanged(files) == files[number].path)
            try project.write("contents \(number)", to: "file\(number)")
        }
        unlink(files[40].path)
        #expect(throws: FileError.self) { try StoredHashes.firstChanged(files) }
    }

    @Test("what is stored is what was checked, though it is read in pieces and another time")
    func pieces() throws {
        let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try project.write(bytes, to: "source")
        let (source, copy) = ("\(project.root)/source", "\(project.root)/copy")
        let digest = SHA256.hexadecimal(bytes)
        #expect(try FileContents.copy(source, to: copy, mode: 0o444, sha256: digest))
        #expect(try FileContents.read(copy) == bytes)
        #expect(try FileContents.hasHash(copy, digest))
        let other = SHA256.hexadecimal([1])
        #expect(try !FileContents.copy(source, to: "\(project.root)/no", mode: 0o444, sha256: other))
        #expect(try !FileContents.hasHash(copy, other))
        #expect(try FileContents.list(project.root) == ["actions", "copy", "source"])
        #expect(throws: FileError.self) { try FileContents.hasHash("\(project.root)/none", digest) }
    }
}

private enum Memory {
    /// The most that this process has had in memory so far.
    static var peakKilobytes: Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss
    }
}
