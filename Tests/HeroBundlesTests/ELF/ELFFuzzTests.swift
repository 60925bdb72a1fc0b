// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport
import Testing

@testable import HeroBundles

@Suite("whatever is in a file, reading it ends with a bundle or with a reason")
struct ELFFuzzTests {
    private let project: TemporaryProject
    private let valid: [UInt8]

    init() throws {
        project = try TemporaryProject()
        let libc = "#include <stdlib.h>\nvoid *use(void); void *use(void) { return malloc(1); }\n"
        valid = try project.stamp(libc + SampleBundles.action("answer"))
    }

    /// Everything that is ever read of a file that nobody vouches for.
    ///
    /// - Returns: Whether it is a bundle.
    @discardableResult
    private func read(_ bytes: [UInt8], _ seed: Int) throws -> Bool {
        _ = try? BundleInspection(contents: bytes, path: "x.so").text
        _ = try? ProvidedLibrary(contents: bytes, path: "x.so")
        try restamp(bytes, seed)
        do throws(BundlesRefused) {
            _ = try BundleFile.check(bytes, path: "actions/x.so", host: .test)
            return true
        } catch {
            #expect(!error.problems.isEmpty, "seed \(seed)")
            for problem in error.problems {
                #expect(problem.code.isFromFile || problem.code == .nothingFound, "seed \(seed): \(problem)")
                #expect(problem.message.hasPrefix("actions/x.so") && !problem.remedy.isEmpty, "seed \(seed)")
            }
            return false
        }
    }

    /// A stamp either says why not, or can be read back.
    private func restamp(_ bytes: [UInt8], _ seed: Int) throws {
        let manifest = BundleStamp.manifest(kind: .c, name: "n", version: "1.2.3", module: "n", host: .test)
        guard let stamped = try? BundleStamp.stamped(bytes, path: "x.so", manifest) else { return }
        let file = try ELFFile(bytes: stamped)
        #expect(try BundleNote.read(from: file) == manifest, "seed \(seed)")
    }

    @Test("any single field replaced by an extreme value")
    func fields() throws {
        let offsets = try ELFImage(valid).structuralOffsets()
        let values: [UInt64] = [
            0, 1, .max, 1 << 63, (1 << 63) - 1, UInt64(UInt32.max), 1 << 31, UInt64(valid.count),
            UInt64(valid.count) - 1,
        ]
        var accepted = 0
        for seed in 0..<2500 {
            var random = SeededRandom(seed: UInt64(seed))
            let offset = offsets[random.next(below: offsets.count)]
            let value = values[random.next(below: values.count)]
            let bytes: [UInt8] =
                switch random.next(below: 3) {
                case 0: valid.putting(UInt16(truncatingIfNeeded: value), at: offset)
                case 1: valid.putting(UInt32(truncatingIfNeeded: value), at: offset)
                default: valid.putting(value, at: offset)
                }
            if try read(bytes, seed) { accepted += 1 }
        }
        // Both outcomes occur: the mutations are neither all harmless nor all refused at the first look.
        #expect(accepted > 100 && accepted < 2400)
    }

    @Test("many bytes replaced at random")
    func bytes() throws {
        for seed in 0..<1200 {
            var random = SeededRandom(seed: UInt64(seed))
            var bytes = valid
            for _ in 0...random.next(below: 40) {
                bytes[random.next(below: bytes.count)] = UInt8(random.next(below: 256))
            }
            try read(bytes, seed)
        }
    }

    @Test("a file cut anywhere is refused")
    func cuts() throws {
        for count in stride(from: 0, to: valid.count, by: 13) {
            #expect(try !read(Array(valid.prefix(count)), count), "\(count) bytes")
        }
    }

    @Test("random bytes behind a correct beginning")
    func garbage() throws {
        for seed in 0..<300 {
            var random = SeededRandom(seed: UInt64(seed))
            let kept = [4, 16, 20, 64, 120][random.next(below: 5)]
            let tail = (0..<random.next(below: 2000)).map { _ in UInt8(random.next(below: 256)) }
            try read(Array(valid.prefix(kept)) + tail, seed)
        }
    }

    @Test("any note in a correct file")
    func notes() throws {
        let file = try ELFFile(bytes: valid)
        let note = try #require(file.section(named: BundleNote.sectionName))
        for seed in 0..<1000 {
            var random = SeededRandom(seed: UInt64(seed))
            var bytes = valid
            let words: [UInt8] = Array(#"{}[]":,0-9.eE+\utnfalsr null"#.utf8) + [0, 0x80, 0xFF]
            for _ in 0...random.next(below: 6) {
                bytes[Int(note.offset) + random.next(below: Int(note.size))] = words[random.next(below: words.count)]
            }
            try read(bytes, seed)
        }
    }
}
