// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import HeroBundles
@testable import HeroRuntime

@Suite("a generation is frozen again only when something changed")
struct GenerationTests {
    private let project: TemporaryProject
    private let bundle: String

    init() throws {
        project = try TemporaryProject()
        try project.build(Self.source(answer: 1), to: "actions/x.so")
        bundle = "\(project.root)/actions/x.so"
    }

    private static func source(answer: Int) -> String {
        """
        #include <hero_bundle.h>
        static void f(hero_error *error) { error->status = \(answer); }
        static const hero_action actions[] = {{.name = "a", .function = (hero_function)f}};
        HERO_BUNDLE(actions);
        """
    }

    private func freeze(configuration: String = "a") throws -> Generation {
        try GenerationStore(projectRoot: project.root).freeze(
            ProjectBundles.collect(in: project.root), configuration: configuration, host: .test
        ).generation.generation
    }

    private func file(_ name: String, of number: Int) -> String { "\(project.root)/tmp/generations/\(number)/\(name)" }

    @Test("the same files and the same configuration are the same generation")
    func same() throws {
        let first = try freeze()
        #expect(try freeze() == first)
        #expect(try GenerationStore(projectRoot: project.root).open(first.number).generation == first)
    }

    @Test("another configuration is another generation")
    func configuration() throws {
        #expect(try freeze(configuration: "a").number == 1)
        #expect(try freeze(configuration: "b").number == 2)
        #expect(try freeze(configuration: "b").number == 2)
    }

    @Test("another file of the same name, or the same file under another name, is another generation")
    func files() throws {
        #expect(try freeze().number == 1)
        try project.build(Self.source(answer: 2), to: "actions/x.so")
        #expect(try freeze().number == 2)
        try FileManager.default.moveItem(atPath: bundle, toPath: "\(project.root)/actions/y.so")
        #expect(try freeze().number == 3)
    }

    @Test("a generation that was not written to its end does not count", arguments: ["contents", "generation.json"])
    func incomplete(missing: String) throws {
        let first = try freeze()
        try FileManager.default.removeItem(atPath: file(missing, of: first.number))
        let second = try freeze()
        #expect(second.number == first.number + 1)
        #expect(try GenerationStore(projectRoot: project.root).open(second.number).generation == second)
    }

    @Test("files of a generation that an older hero froze survive as long as the generation")
    func older() throws {
        let first = try freeze()
        try FileManager.default.removeItem(atPath: file("contents", of: first.number))
        let store = GenerationStore(projectRoot: project.root)
        try store.prune(keeping: 2)
        #expect(try store.open(first.number).generation == first)
    }
}
