// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import HeroBundles
@testable import HeroSystem

@Suite("bundles are refused together, and nothing of them has run")
struct RefusedGenerationTests {
    private let project: TemporaryProject

    init() throws { project = try TemporaryProject() }

    private func refusal() -> BundlesRefused? {
        #expect(throws: BundlesRefused.self) { try project.load() }
    }

    private func exists(_ path: String) -> Bool { FileContents.exists("\(project.root)/\(path)") }

    @Test("HB112: two bundles with one module name")
    func moduleName() throws {
        let source = "int answer(void); int answer(void) { return 42; }"
        try project.stamp(source, to: "actions/billing.so", kind: .swift, module: "Billing")
        try project.stamp(source, to: "tasks-are-elsewhere.so", kind: .swift, module: "Billing")
        try FileContents.createDirectory("\(project.root)/initializers")
        try project.write(project.bytes("tasks-are-elsewhere.so"), to: "initializers/billing.so")
        #expect(
            refusal()?.problems.map(\.description) == [
                "HB112 module Billing comes from initializers/billing.so and actions/billing.so – rename one"
            ])
    }

    @Test("all problems of all bundles are reported at once, in load order, each with its file")
    func together() throws {
        try project.write("hello", to: "actions/a.so")
        let good = try project.stamp(SampleBundles.action("answer"), to: "actions/b.so")
        try project.write(Array(good.dropLast(10)), to: "actions/c.so")
        try project.compile(SampleBundles.action("plain"), to: "actions/d.so")
        try project.write("inputs: 7", to: "actions/e.foreign.yml")
        try project.stamp("int x(void); int x(void) { return 1; }", to: "actions/f.so", kind: .swift) { manifest in
            (manifest.sdk, manifest.swift) = ("99.0.0", "5")
        }
        let refused = try #require(refusal())
        #expect(refused.problems.map(\.code.rawValue) == ["HB101", "HB102", "HB104", "HB106", "HB107", "HB306"])
        #expect(refused.problems.map { $0.file.split(separator: "/").last?.first } == ["a", "c", "d", "f", "f", "e"])
        #expect(refused.description.hasPrefix("the bundles were refused (6 problems):\n  HB101 actions/a.so is a text"))
    }

    @Test("a refusal that came from files alone says that nothing was run, and says so only then")
    func claim() throws {
        try project.write("hello", to: "actions/a.so")
        #expect(
            refusal()?.description.hasPrefix("the bundles were refused, nothing of them was run (1 problem):") == true)
        try project.stamp("int x(void); int x(void) { return 1; }", to: "actions/a.so", kind: .swift)
        #expect(refusal()?.description.hasPrefix("the bundles were refused (1 problem):") == true)
    }

    @Test("a bundle that needs a function that no library has is HB116 with the function's name")
    func missingFunction() throws {
        try project.stamp(
            SampleBundles.action("answer").replacing("return 42", with: "return nobody_has_this()")
                .replacing("static int64_t answer", with: "int nobody_has_this(void);\nstatic int64_t answer"))
        let problem = try #require(refusal()?.problems.first)
        #expect(problem.code == .undefined)
        #expect(problem.message == "actions/x.so cannot be loaded: undefined symbol: nobody_has_this")
        #expect(problem.remedy == "link the library that has it")
    }

    @Test("not one byte of a refused bundle runs, nor of the good ones beside it")
    func nothingRuns() throws {
        let good = "\(project.root)/good"
        let bad = "\(project.root)/bad"
        try project.stamp(SampleBundles.mark(good) + SampleBundles.action("a"), to: "actions/a.so")
        try project.stamp(SampleBundles.mark(bad) + SampleBundles.action("b"), to: "actions/b.so") { $0.format = 2 }
        #expect(refusal()?.problems.map(\.code) == [.format])
        for mark in ["good.constructor", "good.resolver", "bad.constructor", "bad.resolver"] {
            #expect(!exists(mark))
        }
        #expect(!exists("tmp/generations/1"))
        // The marks are made where loading is allowed.
        try project.stamp(SampleBundles.mark(bad) + SampleBundles.action("b"), to: "actions/b.so")
        _ = try project.load()
        #expect(exists("good.constructor") && exists("bad.constructor"))
        #if arch(x86_64)
            #expect(exists("bad.resolver"))
        #endif
    }

    @Test("the check that a developer runs finds the same and writes nothing")
    func sameAsCheck() throws {
        try project.write("hello", to: "actions/a.so")
        try project.stamp(SampleBundles.action("b"), to: "actions/b.so")
        try project.stamp("int x(void); int x(void) { return 1; }", to: "actions/c.so", kind: .swift, module: "M")
        try project.stamp("int y(void); int y(void) { return 1; }", to: "actions/d.so", kind: .swift, module: "M")
        let candidates = try BundleCandidate.collect(in: project.root)
        let store = GenerationStore(projectRoot: project.root)
        let verdict = store.check(candidates, host: .test)
        #expect(verdict.fitting == ["actions/b.so", "actions/c.so"])
        #expect(!exists("tmp"))
        #expect(verdict.problems == refusal()?.problems)
        #expect(verdict.problems.map(\.code) == [.notShared, .moduleName])
    }
}
