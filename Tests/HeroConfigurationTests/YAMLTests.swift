// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Foundation
import HeroTestSupport
import Testing

@testable import HeroBundles
@testable import HeroConfiguration
@testable import HeroRuntime

@Suite("YAML beyond plain values is read as it is meant, or refused by name and line")
struct YAMLTests {
    private func load(_ text: String, environment: [String: String] = [:]) throws -> EffectiveConfiguration {
        let project = try TestProject(["config/mine.yml": text])
        var loader = ConfigurationLoader(projectRoot: project.root, environment: environment)
        return try loader.load()
    }

    private func problems(_ text: String, file: String = "mine", environment: [String: String] = [:]) throws -> [String]
    {
        let project = try TestProject(["config/\(file).yml": text])
        var loader = ConfigurationLoader(projectRoot: project.root, environment: environment)
        do {
            _ = try loader.load()
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    @Test("a merge key brings the members of another mapping; the mapping's own count more, before and behind it")
    func merge() throws {
        let text = """
            default: &default
              currency: EUR
              retries: 3
              nested: {a: 1, b: 2}
            production:
              retries: 10
              <<: *default
              currency: USD
            """
        let configuration = try load(text, environment: ["ACTIONHERO_ENV": "production"])
        #expect(configuration.value(at: "mine") == ["currency": "USD", "retries": 10, "nested": ["a": 1, "b": 2]])
    }

    @Test("of several merged mappings the first that has a key counts")
    func mergeList() throws {
        let text = """
            default:
              one: &one {a: 1, b: 1}
              two: &two {a: 2, b: 2, c: 2}
              both: {<<: [*one, *two], b: 3}
              again: {<<: {d: 4}}
            """
        let configuration = try load(text)
        #expect(configuration.value(at: "mine.both") == ["a": 1, "c": 2, "b": 3])
        #expect(configuration.value(at: "mine.again") == ["d": 4])
        #expect(configuration.value(at: "mine.one") == ["a": 1, "b": 1])
    }

    @Test("in quotes it is a key like any other")
    func quoted() throws {
        let configuration = try load("default: {\"<<\": 1}\n")
        #expect(configuration.value(at: "mine") == ["<<": 1])
    }

    @Test(
        "a merge key that cannot be one is refused",
        arguments: [
            ("default:\n  <<: 1\n", 2, "takes a mapping or a list of mappings"),
            ("default:\n  a: 1\n  <<: [{b: 1}, x]\n", 3, "takes a mapping or a list of mappings"),
            ("default:\n  <<: {a: 1}\n  <<: {b: 1}\n", 3, "stands here again, first in line 2"),
        ])
    func wrongMerge(text: String, line: Int, reason: String) throws {
        let found = try problems(text)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("config/mine.yml:\(line): the merge key '<<' \(reason)") == true, "\(found)")
    }

    /// 279 bytes that unfold to 9^9 values.
    private static let laughs: String = {
        var lines = ["default:", "  a: &a [x,x,x,x,x,x,x,x,x]"]
        for (name, next) in zip("abcdefgh", "bcdefghi") {
            let alias = "*\(name)"
            lines.append("  \(next): &\(next) [" + Array(repeating: alias, count: 9).joined(separator: ",") + "]")
        }
        return lines.joined(separator: "\n") + "\n"
    }()

    @Test("aliases cost what they unfold to: a few lines cannot become a thousand million values")
    func nestedAliases() throws {
        let found = try problems(Self.laughs)
        #expect(
            found == [
                "config/mine.yml:7: there are more than 100000 values, those that aliases repeat included"
            ])
        #expect(throws: YAMLError.self) { try ForeignActionFile.parse(Array(Self.laughs.utf8), path: "a.foreign.yml") }
    }

    @Test("so do merge keys, long texts, and levels that aliases put on top of one another")
    func otherExpansions() throws {
        let merging = Self.laughs.replacing("[x,x", with: "[{k: 1},x").replacing("  i: &i [", with: "  i: {<<: [")
            .replacing("*h]", with: "*h]}")
        #expect(try problems(merging).first?.contains("more than 100000 values") == true)
        let long =
            "default:\n  a: &a \(String(repeating: "x", count: 1 << 20))\n  b: ["
            + Array(repeating: "*a", count: 20).joined(separator: ",") + "]\n"
        #expect(try problems(long).first?.contains("bytes of text, those that aliases repeat included") == true)
        var deep = "default:\n  a0: &a0 [x]\n"
        for level in 1..<5000 { deep += "  a\(level): &a\(level) [*a\(level - 1)]\n" }
        #expect(try problems(deep).first?.contains("values nest deeper than 64 levels") == true)
    }

    @Test("ordinary use of aliases is as free as before")
    func ordinary() throws {
        let configuration = try load("default:\n  a: &a [1, {b: c}]\n  d: [*a, *a]\n  e: &e text\n  f: *e\n")
        #expect(configuration.value(at: "mine.d") == [[1, ["b": "c"]], [1, ["b": "c"]]])
        #expect(configuration.value(at: "mine.f") == "text")
    }

    @Test("keys that differ in bytes are two, whatever they look like")
    func bytesOfKeys() throws {
        let text = "default:\n  \"caf\u{E9}\": 1\n  \"cafe\u{301}\": 2\n"
        let root = try #require(try YAMLParser.parse(Array(text.utf8), file: "x.yml"))
        guard case .mapping(let sections) = root.content, case .mapping(let keys)? = sections.first?.value.content
        else { return #expect(Bool(false), "no mapping") }
        #expect(keys.count == 2)
    }

    @Test("variables cannot make a value endless, nor defaults within defaults")
    func interpolation() throws {
        let value = String(repeating: "v", count: 100_000)
        let many = String(repeating: "${LONG}", count: 1000)
        #expect(
            try problems("default:\n  key: \"\(many)\"\n", environment: ["LONG": value]).first?.contains(
                "becomes longer than 1048576 bytes") == true)
        let nested = String(repeating: "${A:-", count: 20_000) + String(repeating: "}", count: 20_000)
        #expect(try problems("default:\n  key: \"\(nested)\"\n").first?.contains("defaults within defaults") == true)
    }

    @Test("a file that is wrong in very many places names the first hundred")
    func manyProblems() throws {
        let keys = (0..<20_000).map { "  key\($0): 1\n" }.joined()
        let found = try problems("default:\n\(keys)", file: "api")
        #expect(found.count == 101)
        #expect(found.last?.contains("and there are more problems") == true)
    }

    @Test("a file of gigabytes is refused by its size, without being read")
    func hugeFile() throws {
        let project = try TestProject(["config/mine.yml": "default: {}\n", "actions/x.foreign.yml": ""])
        for path in ["config/mine.yml", "actions/x.foreign.yml"] { truncate(project.path(path), 20 << 30) }
        var loader = ConfigurationLoader(projectRoot: project.root, environment: [:])
        let refused = #expect(throws: ConfigurationRefused.self) { try loader.load() }
        #expect(refused?.problems.first?.reason.contains("21474836480 bytes, 4194304 are allowed") == true)
        let candidates = try ProjectBundles.collect(in: project.root)
        let problem = #expect(throws: BundleProblem.self) { try candidates.first?.foreign?.get() }
        #expect(problem?.description.contains("4194304 are allowed") == true)
    }
}
