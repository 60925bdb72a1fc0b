// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Testing

@testable import HeroBundles

@Suite("a file that is no usable bundle is refused with its code")
struct RefusedFileTests {
    private let project: TemporaryProject
    private let valid: [UInt8]

    init() throws {
        project = try TemporaryProject()
        valid = try project.stamp(SampleBundles.action("answer"))
    }

    @Test("the bundle that all others here are made of fits")
    func fits() {
        #expect(BundleFile.problems(valid).isEmpty)
    }

    @Test("HB101: a text file")
    func text() {
        #expect(
            BundleFile.problems(Array("import ActionHero\n".utf8)) == [
                "HB101 actions/x.so is a text file, not a shared library – was the source copied instead of the build?"
            ])
    }

    @Test("HB101: nothing, and bytes of another kind")
    func otherFiles() {
        #expect(BundleFile.problems([]).first?.hasPrefix("HB101 actions/x.so is empty, not a shared library") == true)
        #expect(
            BundleFile.problems([0x1F, 0x8B, 0, 1]).first?.hasPrefix("HB101 actions/x.so is some other file") == true)
    }

    @Test("HB101: an object file and a program are ELF, but not shared libraries")
    func otherTypes() throws {
        try project.write("int main(void) { return 0; }", to: "main.c")
        let source = "\(project.root)/main.c"
        try CCompiler.run(["-c", source, "-o", "\(project.root)/object.so"])
        try CCompiler.run(["-no-pie", source, "-o", "\(project.root)/program.so"])
        let expected = ["HB101 actions/x.so is an ELF file, but not a 64-bit shared library – build it with hero build"]
        #expect(BundleFile.problems(try project.bytes("object.so")) == expected)
        #expect(BundleFile.problems(try project.bytes("program.so")) == expected)
    }

    @Test("HB101: 32 bits and another byte order")
    func otherClasses() {
        for bytes in [valid.putting(UInt8(1), at: 4), valid.putting(UInt8(2), at: 5)] {
            #expect(BundleFile.problems(bytes).first?.hasPrefix("HB101 actions/x.so is an ELF file, but not") == true)
        }
    }

    @Test("HB102: a file that was not copied to its end, wherever it was cut")
    func truncated() {
        for count in [20, 63, 64, 100, valid.count / 2, valid.count - 1] {
            let problems = BundleFile.problems(Array(valid.prefix(count)))
            #expect(problems.count == 1 && problems.first?.hasPrefix("HB102 actions/x.so is cut short: ") == true)
            #expect(problems.first?.hasSuffix(" bytes – copy it again, then send USR2") == true)
        }
        #expect(
            BundleFile.problems(Array(valid.dropLast())) == [
                "HB102 actions/x.so is cut short: \(valid.count - 1) of \(valid.count) bytes – copy it again, then send USR2"
            ])
    }

    @Test("HB102: tables that make no sense")
    func damaged() {
        // The number of sections, and the size of their table's entries.
        #expect(
            BundleFile.problems(valid.putting(UInt16(0), at: 60)) == [
                "HB102 actions/x.so is damaged: it has no section names – copy it again, then send USR2"
            ])
        #expect(
            BundleFile.problems(valid.putting(UInt16(7), at: 58)) == [
                "HB102 actions/x.so is damaged: its tables have entries of an unknown size – "
                    + "copy it again, then send USR2"
            ])
    }

    @Test("HB103: another machine")
    func machine() throws {
        let host = HostInterface.test.machine
        let other = host == .amd64 ? Machine.aarch64 : .amd64
        #expect(
            BundleFile.problems(valid.putting(other.rawValue, at: 18)) == [
                "HB103 actions/x.so is built for \(other), this host is \(host) – build it on this kind of machine"
            ])
        #expect(
            BundleFile.problems(valid.putting(UInt16(243), at: 18)).first?.contains("built for machine 243") == true)
    }

    @Test("HB104: a shared library without a note")
    func noNote() throws {
        try project.compile(SampleBundles.action("answer"), to: "actions/plain.so")
        #expect(
            BundleFile.problems(try project.bytes("actions/plain.so")) == [
                "HB104 actions/x.so is a shared library but not a bundle (built with swift build?) – "
                    + "use hero build, or hero bundle stamp"
            ])
    }

    @Test(
        "HB104: a note that cannot be read",
        arguments: [
            ("ActionHero\0", "ActionHera\0", "it is not a note of ActionHero"),
            (#"{"format":1"#, #"{"farmat":1"#, ""), (#"{"format":1"#, #"["format":1"#, ""),
            (#""name":"x""#, #""name": 12"#, ""),
        ])
    func unreadableNote(_ before: String, _ after: String, _ reason: String) {
        let problems = BundleFile.problems(valid.replacing(before, with: after))
        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix("HB104 actions/x.so has a note that cannot be read: \(reason)") == true)
        #expect(problems.first?.hasSuffix(" – build it again with hero build") == true)
    }

    @Test("HB105: a newer format of the note, even one that has lost keys")
    func newerFormat() throws {
        let expected = ["HB105 actions/x.so has note format 2, this host reads 1 – upgrade hero"]
        #expect(BundleFile.problems(valid.replacing(#""format":1"#, with: #""format":2"#)) == expected)
        let strange = valid.replacing(#""format":1"#, with: #""format":2"#).replacing(#""kind""#, with: #""sort""#)
        #expect(BundleFile.problems(strange) == expected)
    }

    @Test("HB105: a kind of bundle that this host does not know")
    func unknownKind() throws {
        let bytes = try project.stamp(SampleBundles.action("answer"), kind: .init(rawValue: "wasm"))
        #expect(
            BundleFile.problems(bytes) == [
                "HB105 actions/x.so is a bundle of kind 'wasm', this host reads swift and c – upgrade hero"
            ])
    }
}
