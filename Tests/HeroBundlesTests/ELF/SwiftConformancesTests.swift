// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport
import Testing

@testable import HeroBundles

@Suite("which types a file brings for the host is read from its metadata")
struct SwiftConformancesTests {
    private let project: TemporaryProject

    init() throws { project = try TemporaryProject() }

    /// What the compiler would write for a structure in an enumeration that conforms to `Action`, another one that conforms
    /// to a protocol of its own module, and a generic one.
    private static let metadata = #"""
        __asm__(
            ".pushsection swift5_protocol_conformances,\"a\",@progbits\n"
            ".long .Laction - .\n .long .Lown - .\n .long .Lgeneric - .\n"
            ".popsection\n"
            ".pushsection .rodata,\"a\",@progbits\n"
            ".balign 4\n"
            ".Laction: .long .Lslot - . + 1\n .long .Linvoice - .\n .long 0\n .long 0\n"
            ".Lown: .long .Lmodule - .\n .long .Linvoice - .\n .long 0\n .long 0\n"
            ".Lgeneric: .long .Lslot - . + 1\n .long .Lbox - .\n .long 0\n .long 0\n"
            ".Linvoice: .long 17\n .long .Lspace - .\n .long .Lname - .\n .long 0\n"
            ".Lbox: .long 0x91\n .long .Lmodule - .\n .long .Lname - .\n .long 0\n"
            ".Lspace: .long 18\n .long .Lmodule - .\n .long .Louter - .\n .long 0\n"
            ".Lmodule: .long 0\n .long 0\n .long .Lbilling - .\n"
            ".Lname: .asciz \"Invoice\"\n"
            ".Louter: .asciz \"Space\"\n"
            ".Lbilling: .asciz \"Billing\"\n"
            ".popsection\n"
            ".pushsection .data.rel.ro,\"aw\",@progbits\n"
            ".balign 8\n"
            ".Lslot: .quad \"$s10ActionHero6ActionMp\"\n"
            ".popsection\n");

        """#

    private func image() throws -> [UInt8] {
        try project.compile(Self.metadata + SampleBundles.action("answer"), to: "actions/x.so")
        return try project.bytes("actions/x.so")
    }

    @Test("the type, the types around it and its module, of those that conform to a protocol of the SDK")
    func found() throws {
        let file = try ELFFile(bytes: image())
        #expect(
            file.conformances() == [
                SwiftConformance(
                    module: "Billing", type: "Space.Invoice", protocolSymbol: "$s10ActionHero6ActionMp")
            ])
        #expect(file.bundleModules() == ["Billing"])
        #expect(try BundleFile.typeNames(in: image()) == ["Invoice"])
    }

    @Test("a file without Swift in it has none")
    func none() throws {
        try project.compile(SampleBundles.action("answer"), to: "actions/x.so")
        #expect(try ELFFile(bytes: project.bytes("actions/x.so")).conformances() == [])
    }

    @Test("whatever the metadata says, reading it ends")
    func fuzz() throws {
        let valid = try image()
        let file = try ELFFile(bytes: valid)
        let names = ["swift5_protocol_conformances", ".rodata", ".data.rel.ro", ".rela.dyn", ".dynsym", ".dynstr"]
        let parts = names.compactMap { file.section(named: $0) }.map { Int($0.offset)..<Int($0.offset + $0.size) }
        #expect(parts.count == names.count)
        var unchanged = 0
        for seed in 0..<4000 {
            var random = SeededRandom(seed: UInt64(seed))
            var bytes = valid
            for _ in 0...random.next(below: 4) {
                let part = parts[random.next(below: parts.count)]
                let offset = part.lowerBound + random.next(below: part.count)
                let values: [UInt32] = [0, 1, .max, 1 << 31, UInt32(random.next(below: 256))]
                let value = values[random.next(below: values.count)]
                if random.next(below: 2) == 0 {
                    bytes.put(value, at: offset & ~3)
                } else {
                    bytes.put(UInt8(truncatingIfNeeded: value), at: offset)
                }
            }
            guard let file = try? ELFFile(bytes: bytes) else { continue }
            if file.bundleModules() == ["Billing"] { unchanged += 1 }
        }
        #expect(unchanged > 100 && unchanged < 3900)
    }
}
