// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import HeroBundles
@testable import HeroRuntime
@testable import HeroSystem

@Suite("libraries of a project are looked at together with the bundles that need them")
struct ProvidedLibraryTests {
    private let project: TemporaryProject

    init() throws {
        project = try TemporaryProject()
        try FileContents.createDirectory("\(project.root)/lib")
    }

    /// Links `lib/NAME.so` as hero build would, with an interface in its note.
    private func library(
        _ name: String, interface: String? = "one", needing others: [String] = [], libraries: [String: String]? = nil,
        soname: String? = nil, swift: String = HostInterface.test.swift
    ) throws {
        try project.write("int \(name)(void) { return 1; }", to: "library.c")
        let path = "\(project.root)/lib/\(name).so"
        try CCompiler.run(
            ["-shared", "-fPIC", "-Wl,-soname,\(soname ?? "\(name).so")", "\(project.root)/library.c", "-o", path]
                + others.map { "\(project.root)/lib/\($0).so" })
        guard let interface else { return }
        try stamp("lib/\(name).so") { manifest in
            (manifest.kind, manifest.module, manifest.interface) = (.library, name, interface)
            (manifest.libraries, manifest.swift) = (libraries, swift)
        }
    }

    private func bundle(_ name: String = "x", libraries: [String: String]?) throws {
        try project.compile("int \(name)(void); int \(name)(void) { return 1; }", to: "actions/\(name).so")
        try stamp("actions/\(name).so") { $0.libraries = libraries }
    }

    private func stamp(_ path: String, _ change: (inout BundleManifest) -> Void) throws {
        var manifest = BundleStamp.manifest(
            kind: .swift, name: String(path.dropLast(3)), version: "1.0.0", module: path, host: .test)
        change(&manifest)
        try BundleStamp.stamp("\(project.root)/\(path)", manifest)
    }

    private struct Verdict: Hashable {
        var fitting: [String] = []
        var problems: [String] = []
    }

    private func verdict() throws -> Verdict {
        let found = GenerationStore(projectRoot: project.root).check(
            try ProjectBundles.collect(in: project.root), host: .test)
        return Verdict(fitting: found.fitting, problems: found.problems.map(\.description))
    }

    @Test("each is loaded after those that it needs, whatever their names, and remembered in that order")
    func order() throws {
        try library("b")
        try library("c")
        try library("a", needing: ["b", "c"])
        try library("b", needing: ["c"])
        #expect(try verdict().fitting == ["lib/c.so", "lib/b.so", "lib/a.so"])
        let store = GenerationStore(projectRoot: project.root)
        let candidates = try ProjectBundles.collect(in: project.root)
        let files = try store.freeze(candidates, configuration: "", host: .test).generation.generation.files
        #expect(files.map(\.path) == ["lib/c.so", "lib/b.so", "lib/a.so"])
        let test = HostInterface.test
        let host = HostInterface(
            sdk: test.sdk, sdkInterface: "", swift: test.swift, machine: test.machine, target: test.target,
            glibc: test.glibc, exports: [], identity: "this hero")
        let known = KnownFiles(
            candidates, host: host, store: store, projectRoot: project.root, now: FileIdentity.now + 60_000_000_000)
        known.remember(files)
        #expect(known.remembered()?.files == files)
    }

    @Test("several libraries are there for a bundle that needs them")
    func several() throws {
        try library("a")
        try library("b", interface: nil)
        try project.write("int a(void), b(void); int x(void); int x(void) { return a() + b(); }", to: "bundle.c")
        try CCompiler.run(
            ["-shared", "-fPIC", "\(project.root)/bundle.c", "-o", "\(project.root)/actions/x.so"]
                + ["a", "b"].map { "\(project.root)/lib/\($0).so" })
        try stamp("actions/x.so") { $0.libraries = ["a": "one"] }
        #expect(try verdict() == Verdict(fitting: ["lib/a.so", "lib/b.so", "actions/x.so"]))
    }

    @Test("HB113: a bundle that was compiled against another state of a library")
    func otherInterface() throws {
        try library("Models", interface: "0123456789abcdef")
        try bundle(libraries: ["Models": "fedcba9876543210"])
        #expect(
            try verdict()
                == Verdict(
                    fitting: ["lib/Models.so"],
                    problems: [
                        "HB113 actions/x.so was compiled against another lib/Models.so: interface fedcba987654, "
                            + "found 0123456789ab – hero build, and copy both"
                    ]))
        try bundle(libraries: ["Models": "0123456789abcdef"])
        #expect(try verdict() == Verdict(fitting: ["lib/Models.so", "actions/x.so"]))
    }

    @Test("HB113: a library that was compiled against another state of a library")
    func otherInterfaceOfLibrary() throws {
        try library("Base", interface: "two")
        try library("Models", libraries: ["Base": "one"])
        let problems = try verdict().problems
        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix("HB113 lib/Models.so was compiled against another lib/Base.so") == true)
    }

    @Test("HB110: a library of the project that was not copied, reported once")
    func missingLibrary() throws {
        try bundle(libraries: ["Models": "one"])
        #expect(
            try verdict().problems == [
                "HB110 actions/x.so needs the library Models of the project, which is not there – "
                    + "hero build, and copy lib/ with the bundles"
            ])
    }

    @Test("HB110: a library's own library that is missing")
    func missingDependency() throws {
        try library("base", interface: nil, soname: "libhero-base.so.1")
        try library("a", interface: nil, needing: ["base"])
        unlink("\(project.root)/lib/base.so")
        #expect(
            try verdict().problems == [
                "HB110 lib/a.so needs libhero-base.so.1, which is not there – "
                    + "install it, or link it statically into the bundle"
            ])
    }

    @Test("HB110: libraries that need one another cannot be loaded")
    func circle() throws {
        try library("b")
        try library("a", needing: ["b"])
        try library("b", needing: ["a"])
        #expect(
            try verdict().problems == [
                "HB110 lib/a.so and lib/b.so need one another – move what both use to a library of its own"
            ])
    }

    @Test("HB112: two libraries of one name, of which only the first would be found")
    func sameName() throws {
        try library("a", soname: "libmodels.so")
        try library("b", soname: "libmodels.so")
        #expect(
            try verdict().problems == [
                "HB112 lib/a.so and lib/b.so both have the name libmodels.so, by which others need them – remove one"
            ])
    }

    @Test("HB106: a library of another compiler")
    func compiler() throws {
        try library("a", swift: "5.10")
        let problem = try #require(try verdict().problems.first)
        #expect(problem.hasPrefix("HB106 lib/a.so: built with Swift 5.10, this host with"))
    }

    @Test("HB104: a Swift library without a note, of which nobody knows what made it; a bundle in lib/")
    func notes() throws {
        try project.compile(
            #"__attribute__((section("swift5_reflstr"), used)) static const char name[] = "x";"#, to: "lib/a.so")
        try project.stamp(SampleBundles.action("b"), to: "lib/b.so")
        #expect(
            try verdict().problems == [
                "HB104 lib/a.so is a Swift library that hero build did not make – "
                    + "put its sources into lib/a/ and use hero build",
                "HB104 lib/b.so is a bundle, not a library that bundles share – "
                    + "move it to the directory of what it holds",
            ])
    }

    @Test("HB302: a library among the bundles")
    func misplaced() throws {
        try library("a")
        try project.write(project.bytes("lib/a.so"), to: "actions/a.so")
        unlink("\(project.root)/lib/a.so")
        #expect(
            try verdict().problems == [
                "HB302 actions/a.so is a library that bundles share and defines nothing for the host – move it to lib/"
            ])
    }
}
