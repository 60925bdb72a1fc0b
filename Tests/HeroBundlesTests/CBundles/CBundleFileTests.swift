// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import HeroBundles
@testable import HeroSystem

@Suite("a C bundle is checked before any of its code runs")
struct CBundleFileTests {
    private let project: TemporaryProject

    init() throws { project = try TemporaryProject() }

    /// - Returns: What is wrong with the bundle, by its file alone.
    private func check(_ source: String) throws -> [BundleProblem] {
        try project.build(source, to: "actions/x.so")
        let contents = try FileContents.read("\(project.root)/actions/x.so")
        do throws(BundlesRefused) {
            _ = try BundleFile.check(contents, path: "actions/x.so", host: .test)
            return []
        } catch {
            return error.problems
        }
    }

    @Test("a stamped bundle fits and its note names no compiler")
    func fits() throws {
        #expect(try check(Self.valid).isEmpty)
        let contents = try FileContents.read("\(project.root)/actions/x.so")
        let (file, warnings) = try BundleFile.check(contents, path: "x.so", host: .test)
        #expect(file.manifest.kind == .c && file.manifest.swift == nil && warnings.isEmpty)
    }

    @Test("a library without a table is HB302")
    func noTable() throws {
        let problems = try check("int answer(void); int answer(void) { return 42; }")
        #expect(problems.map(\.code) == [.nothingFound])
        #expect(problems.map(\.message) == ["actions/x.so does not export hero_bundle_table"])
    }

    @Test("a table that other libraries cannot see is HB302")
    func hiddenTable() throws {
        let problems = try check("__attribute__((visibility(\"hidden\"))) int hero_bundle_table = 1;")
        #expect(problems.map(\.code) == [.nothingFound])
    }

    @Test("a function in place of the table is HB302")
    func function() throws {
        let problems = try check("void hero_bundle_table(void); void hero_bundle_table(void) {}")
        #expect(problems.map(\.message) == ["actions/x.so exports hero_bundle_table as code"])
    }

    @Test("a function of the host that does not exist is HB108")
    func missingSymbol() throws {
        let problems = try check(Self.valid + "\nvoid hero_log(void); void g(void); void g(void) { hero_log(); }")
        #expect(problems.map(\.code) == [.symbols])
        #expect(problems.first?.message.contains("needs hero_log") == true)
    }

    @Test("a refused file has not run its constructors")
    func constructor() throws {
        let mark = "\(project.root)/mark"
        try project.build(
            """
            #include <stdio.h>
            __attribute__((constructor)) static void run(void) { FILE *file = fopen("\(mark)", "w"); if (file) fclose(file); }
            """, to: "actions/x.so")
        #expect(throws: BundlesRefused.self) { try project.load() }
        #expect(!FileContents.exists(mark))
    }

    @Test("a kind of bundle that this host does not know is refused")
    func unknownKind() throws {
        try project.compile(Self.valid, to: "actions/x.so")
        let manifest = BundleStamp.manifest(
            kind: .init(rawValue: "wasm"), name: "x", version: "1.0.0", module: "x", host: .test)
        try BundleStamp.stamp("\(project.root)/actions/x.so", manifest)
        let refused = #expect(throws: BundlesRefused.self) { try project.load() }
        #expect(refused?.problems.map(\.code) == [.format])
    }

    @Test("two bundles may have files of one name")
    func sameName() throws {
        try FileContents.createDirectory("\(project.root)/actions/sub")
        try project.build(Self.valid, to: "actions/x.so")
        try project.build(Self.valid.replacing("\"a\"", with: "\"b\""), to: "actions/sub/x.so")
        #expect(try project.actions().keys.sorted() == ["a", "b"])
    }

    private static let valid = """
        #include <hero_bundle.h>
        static void f(hero_error *error) { error->status = 500; }
        static const hero_action actions[] = {{.name = "a", .function = (hero_function)f}};
        HERO_BUNDLE(actions);
        """
}
