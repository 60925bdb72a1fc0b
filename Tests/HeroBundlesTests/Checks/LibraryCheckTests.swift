// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import HeroBundles
@testable import HeroSystem

@Suite("what a bundle needs from the system is looked for before the bundle is loaded")
struct LibraryCheckTests {
    private let project: TemporaryProject

    init() throws { project = try TemporaryProject() }

    /// A bundle that is linked against a library of the project.
    private func bundle(linking library: String) throws -> [UInt8] {
        try project.write("int models(void); int models(void) { return 1; }", to: "models.c")
        try project.write(
            "int models(void);\n" + SampleBundles.action("answer").replacing("return 42", with: "return models()"),
            to: "bundle.c")
        let path = "\(project.root)/actions/x.so"
        let soname = library.hasPrefix("/") ? [] : ["-Wl,-soname,\(library)"]
        let built = "\(project.root)/libmodels.so"
        try CCompiler.run(["-shared", "-fPIC", "\(project.root)/models.c", "-o", built] + soname)
        try CCompiler.run(["-shared", "-fPIC", "\(project.root)/bundle.c", built, "-o", path])
        try BundleStamp.stamp(
            path, BundleStamp.manifest(kind: .c, name: "x", version: "1.0.0", module: "x", host: .test))
        return try project.bytes("actions/x.so")
    }

    @Test("HB110: a library by its absolute path")
    func absolute() throws {
        let path = "\(project.root)/libmodels.so"
        #expect(
            BundleFile.problems(try bundle(linking: path)) == [
                "HB110 actions/x.so needs \(path) (absolute path) – link that library with -soname"
            ])
    }

    @Test("HB110: a library that is nowhere")
    func missing() throws {
        #expect(
            BundleFile.problems(try bundle(linking: "libmodels-of-nobody.so.7")) == [
                "HB110 actions/x.so needs libmodels-of-nobody.so.7, which is not there – "
                    + "install it, or link it statically into the bundle"
            ])
    }

    @Test("HB110: a library of the project without a name of its own is not found by the name of its file")
    func unnamed() throws {
        try FileContents.createDirectory("\(project.root)/lib")
        try project.write("int models(void); int models(void) { return 1; }", to: "models.c")
        try project.write(
            "int models(void);\n" + SampleBundles.action("answer").replacing("return 42", with: "return models()"),
            to: "bundle.c")
        let path = "\(project.root)/actions/x.so"
        try CCompiler.run(["-shared", "-fPIC", "\(project.root)/models.c", "-o", "\(project.root)/lib/libmodels.so"])
        try CCompiler.run([
            "-shared", "-fPIC", "\(project.root)/bundle.c", "-L\(project.root)/lib", "-lmodels", "-o", path,
        ])
        try BundleStamp.stamp(
            path, BundleStamp.manifest(kind: .c, name: "x", version: "1.0.0", module: "x", host: .test))
        let verdict = GenerationStore(projectRoot: project.root).check(
            try BundleCandidate.collect(in: project.root), host: .test)
        #expect(
            verdict.problems.map(\.description) == [
                "HB110 actions/x.so needs libmodels.so, which is not there – "
                    + "link lib/libmodels.so with -soname libmodels.so: without a name of its own nothing finds it"
            ])
    }

    @Test("HB116: what a library of the project defines that the bundle is not linked with is not there")
    func unlinked() throws {
        try FileContents.createDirectory("\(project.root)/lib")
        try project.compile("int models(void); int models(void) { return 1; }", to: "lib/libmodels.so")
        try project.build(
            "int models(void);\n" + SampleBundles.action("answer").replacing("return 42", with: "return models()"),
            to: "actions/x.so")
        let library = try ProvidedLibrary(contents: project.bytes("lib/libmodels.so"), path: "lib/libmodels.so")
        let refused = #expect(throws: BundlesRefused.self) {
            try BundleFile.check(project.bytes("actions/x.so"), path: "actions/x.so", host: .test, provided: [library])
        }
        #expect(
            refused?.problems.map(\.description) == [
                "HB116 actions/x.so cannot be loaded: undefined symbol: models – "
                    + "link lib/libmodels.so, which has it: link \"models\" in the module.modulemap"
            ])
    }

    @Test("the application library is found by its soname")
    func applicationLibrary() throws {
        let bytes = try bundle(linking: "libApplication.so")
        let library = try ProvidedLibrary(contents: project.bytes("libmodels.so"), path: "lib/libApplication.so")
        _ = try BundleFile.check(bytes, path: "actions/x.so", host: .test, provided: [library])
    }

    @Test("the application library is checked too: its machine, and copies of the SDK in it")
    func faultyApplicationLibrary() throws {
        try FileContents.createDirectory("\(project.root)/lib")
        let symbol = "$s10ActionHero6ActionMp"
        try project.compile("void copy(void) __asm__(\"\(symbol)\"); void copy(void) {}", to: "lib/libApp.so")
        let test = HostInterface.test
        let host = HostInterface(
            sdk: test.sdk, sdkInterface: "", swift: "6", machine: test.machine, target: test.target, glibc: test.glibc,
            exports: [symbol])
        let candidates = try BundleCandidate.collect(in: project.root)
        let store = GenerationStore(projectRoot: project.root)
        #expect(
            store.check(candidates, host: host).problems.map(\.description) == [
                "HB109 lib/libApp.so contains its own copy of the SDK (ActionHero.Action) – "
                    + "do not make the SDK a dependency of Sources/"
            ])
        #expect(store.check(candidates, host: .test).fitting == ["lib/libApp.so"])
        try project.write(project.bytes("lib/libApp.so").putting(UInt16(243), at: 18), to: "lib/libApp.so")
        #expect(store.check(candidates, host: host).problems.map(\.code) == [.machine])
    }

    @Test("HB111: a newer C library")
    func glibc() throws {
        let source = "#include <stdlib.h>\nvoid *use(void); void *use(void) { return malloc(1); }\n"
        let bytes = try project.stamp(source + SampleBundles.action("answer"))
        #expect(BundleFile.problems(bytes) == [])
        // Versions are compared as numbers, and this one stays so whatever the release.
        let problems = BundleFile.problems(bytes.replacing("GLIBC_2.", with: "GLIBC_9."))
        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix("HB111 actions/x.so needs glibc 9.") == true)
        #expect(
            problems.first?.hasSuffix(
                ", this host has \(GlibcVersion.running) – build on this distribution or an older one") == true)
    }

    @Test("2.10 is newer than 2.9")
    func versionOrder() throws {
        let (ten, nine) = (try #require(GlibcVersion("2.10")), try #require(GlibcVersion(symbolVersion: "GLIBC_2.9")))
        #expect(nine < ten && GlibcVersion(symbolVersion: "GLIBC_PRIVATE") == nil)
    }
}
