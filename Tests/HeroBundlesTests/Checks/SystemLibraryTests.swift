// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import HeroBundles
@testable import HeroSystem

@Suite("a library is found where the dynamic linker would find it, and nowhere else")
struct SystemLibraryTests {
    private let project: TemporaryProject

    init() throws {
        project = try TemporaryProject()
        for directory in ["one", "two", "three"] { try FileContents.createDirectory("\(project.root)/\(directory)") }
    }

    private func path(_ path: String) -> String { "\(project.root)/\(path)" }

    /// Links a library of that name, which may need others.
    private func library(_ path: String, _ flags: String..., needing others: [String] = []) throws {
        let name = String(path.split(separator: "/").last ?? "")
        try project.write("int hero_test(void) { return 1; }", to: "library.c")
        try CCompiler.run(
            ["-shared", "-fPIC", "-Wl,-soname,\(name)", self.path("library.c"), "-o", self.path(path)]
                + others.map(self.path) + flags)
    }

    private func missing(_ path: String) throws -> [SystemLibrary.Missing] {
        SystemLibrary.missing(for: try ELFFile(bytes: project.bytes(path)), provided: [])
    }

    private func expectMissing(_ path: String, _ names: [String?], location: SourceLocation = #_sourceLocation) throws {
        let found = try missing(path).flatMap { [$0.name, $0.neededBy] }
        #expect(found == names, sourceLocation: location)
    }

    @Test("directories that a file names count, with either tag", arguments: ["new", "old"])
    func searchPath(tags: String) throws {
        try library("one/libhero-a.so")
        let tag = tags == "new" ? "--enable-new-dtags" : "--disable-new-dtags"
        try library("x.so", "-Wl,\(tag),-rpath,/nowhere:\(path("one"))", needing: ["one/libhero-a.so"])
        try expectMissing("x.so", [])
        try library("y.so", "-Wl,\(tag),-rpath,\(path("two"))", needing: ["one/libhero-a.so"])
        try expectMissing("y.so", ["libhero-a.so", nil])
    }

    @Test("without such a directory the library is missing, unless another file is loaded under its name")
    func provided() throws {
        try library("one/libhero-a.so")
        try library("x.so", needing: ["one/libhero-a.so"])
        try expectMissing("x.so", ["libhero-a.so", nil])
        let elf = try ELFFile(bytes: project.bytes("x.so"))
        #expect(SystemLibrary.missing(for: elf, provided: ["libhero-a.so"]) == [])
    }

    @Test("what a library of the system needs is looked for too, from the place of that library")
    func indirect() throws {
        try library("one/libhero-b.so")
        try library("one/libhero-a.so", "-Wl,-rpath,$ORIGIN", needing: ["one/libhero-b.so"])
        try library("x.so", "-Wl,-rpath,\(path("one"))", needing: ["one/libhero-a.so"])
        try expectMissing("x.so", [])
        try FileContents.replace(path("two/libhero-a.so"), with: project.bytes("one/libhero-a.so"), mode: 0o755)
        try library("y.so", "-Wl,-rpath,\(path("two"))", needing: ["one/libhero-a.so"])
        try expectMissing("y.so", ["libhero-b.so", "libhero-a.so"])
    }

    @Test("an old search path holds for the libraries of a library, a new one does not")
    func inheritance() throws {
        try library("one/libhero-b.so")
        try library("one/libhero-a.so", needing: ["one/libhero-b.so"])
        try library("x.so", "-Wl,--disable-new-dtags,-rpath,\(path("one"))", needing: ["one/libhero-a.so"])
        try expectMissing("x.so", [])
        try library("y.so", "-Wl,--enable-new-dtags,-rpath,\(path("one"))", needing: ["one/libhero-a.so"])
        try expectMissing("y.so", ["libhero-b.so", "libhero-a.so"])
    }

    @Test("a file of another machine is passed over, as is one that is no library")
    func otherMachine() throws {
        try library("two/libhero-a.so")
        try project.write(project.bytes("two/libhero-a.so").putting(UInt16(243), at: 18), to: "one/libhero-a.so")
        try project.write("INPUT(libhero-a.so.1)", to: "three/libhero-a.so")
        try library("x.so", "-Wl,-rpath,\(path("three")):\(path("one"))", needing: ["two/libhero-a.so"])
        try expectMissing("x.so", ["libhero-a.so", nil])
        try library("y.so", "-Wl,-rpath,\(path("one")):\(path("two"))", needing: ["two/libhero-a.so"])
        try expectMissing("y.so", [])
    }

    @Test("libraries that need one another are looked at once")
    func circle() throws {
        try library("one/libhero-b.so")
        try library("one/libhero-a.so", "-Wl,-rpath,$ORIGIN", needing: ["one/libhero-b.so"])
        try library("one/libhero-b.so", "-Wl,-rpath,$ORIGIN", needing: ["one/libhero-a.so"])
        try library("x.so", "-Wl,-rpath,\(path("one"))", needing: ["one/libhero-a.so"])
        try expectMissing("x.so", [])
    }

    @Test("HB110 names the library in between, and says that $ORIGIN of a bundle leads nowhere")
    func messages() throws {
        try library("one/libhero-b.so")
        try library("one/libhero-a.so", needing: ["one/libhero-b.so"])
        let source = SampleBundles.action("answer")
        func problems(_ flags: String) throws -> [String] {
            try project.write(source, to: "bundle.c")
            try CCompiler.run(
                ["-shared", "-fPIC", path("bundle.c"), path("one/libhero-a.so"), "-o", path("actions/x.so"), flags])
            let manifest = BundleStamp.manifest(kind: .c, name: "x", version: "1.0.0", module: "x", host: .test)
            try BundleStamp.stamp(path("actions/x.so"), manifest)
            return BundleFile.problems(try project.bytes("actions/x.so"))
        }
        #expect(
            try problems("-Wl,-rpath,\(path("one"))") == [
                "HB110 actions/x.so needs libhero-a.so, which needs libhero-b.so, which is not there – "
                    + "install it, or link it statically into the bundle"
            ])
        #expect(
            try problems("-Wl,-rpath,$ORIGIN/../one") == [
                "HB110 actions/x.so needs libhero-a.so, which is not there – "
                    + "put it into lib/: a bundle is loaded from a copy, where its $ORIGIN leads nowhere"
            ])
    }

    @Test("the list of ldconfig is read as the dynamic linker reads it, with an older list before it and without")
    func cache() {
        func cache(_ entries: [(name: String, path: String)]) -> [UInt8] {
            var (head, names) = (Array("glibc-ld.so.cache1.1".utf8), [UInt8]())
            func number(_ number: Int) -> [UInt8] { withUnsafeBytes(of: UInt32(number).littleEndian) { Array($0) } }
            let start = 48 + entries.count * 24
            head += number(entries.count) + number(0) + [UInt8](repeating: 0, count: 20)
            for entry in entries {
                let name = start + names.count
                names += entry.name.utf8 + [0]
                head += number(3) + number(name) + number(start + names.count) + [UInt8](repeating: 0, count: 12)
                names += entry.path.utf8 + [0]
            }
            return head + names
        }
        let bytes = cache([("libq.so.5", "/opt/fast/libq.so.5"), ("libq.so.5", "/lib/libq.so.5"), ("libr.so", "/r")])
        for prefix in ["", "ld.so-1.7.0 and what belongs to it"] {
            let known = LinkerCache(Array(prefix.utf8) + bytes)
            #expect(known.paths(of: "libq.so.5") == ["/opt/fast/libq.so.5", "/lib/libq.so.5"])
            #expect(known.paths(of: "libr.so") == ["/r"] && known.paths(of: "libs.so") == [])
        }
        // Whatever is cut off or wrong is not there.
        for length in 0..<bytes.count { _ = LinkerCache(Array(bytes.prefix(length))) }
        #expect(LinkerCache(bytes.putting(UInt32.max, at: 20)).paths(of: "libr.so") == [])
        #expect(LinkerCache(bytes.putting(UInt32.max, at: 52)).paths(of: "libq.so.5") == [])
    }

    @Test("what this system has is found, and what it has not is not")
    func system() {
        #expect(SystemLibrary.exists("libc.so.6") && SystemLibrary.path("libc.so.6") != nil)
        #expect(!SystemLibrary.exists("libhero-of-nobody.so.7"))
    }
}
