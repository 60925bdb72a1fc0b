// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroTestSupport
import Testing

@testable import HeroConfiguration

@Suite("the shipped configuration files")
struct ShippedConfigurationTests {
    private static let files = [
        "api", "cluster", "errors", "logger", "plugins", "redis", "routes", "tasks", "servers/web", "servers/websocket",
        "servers/socket",
    ]

    private func project() throws -> TestProject {
        let project = try TestProject()
        for file in Self.files { try project.copy("\(Stage.repository)/config/\(file).yml", to: "config/\(file).yml") }
        return project
    }

    @Test(
        "give every key the value that it has without them", arguments: ["development", "test", "production", "other"])
    func equalDefaults(environment: String) throws {
        let variables = ["ACTIONHERO_ENV": environment]
        let project = try project()
        let bare = try TestProject(["config/empty.yml": "default: {}\n"])
        var shipped = ConfigurationLoader(projectRoot: project.root, environment: variables)
        var builtIn = ConfigurationLoader(projectRoot: bare.root, environment: variables)
        let (left, right) = (try shipped.load(), try builtIn.load())
        for key in ConfigurationSchema.standard.keys {
            #expect(left.value(at: key.name) == right.value(at: key.name), "\(key.name)")
        }
    }

    @Test("name every key, with its type and default in the comment above it")
    func documented() throws {
        for key in ConfigurationSchema.standard.keys where !["routes", "plugins"].contains(key.path[0]) {
            let comment = try comment(above: key)
            #expect(comment?.contains("Default: ") == true, "\(key.name) has no comment with a default")
            if case .integer(let range, let unit) = key.type {
                #expect(comment?.contains("\(range.lowerBound)") == true, "\(key.name) does not say its lowest value")
                if let unit { #expect(comment?.contains(unit) == true, "\(key.name) does not say its unit \(unit)") }
            }
            if case .choice(let values) = key.type {
                for value in values { #expect(comment?.contains(value) == true, "\(key.name) does not offer \(value)") }
            }
            if key.isSecret { #expect(comment?.contains("secret") == true, "\(key.name) is a secret") }
        }
    }

    private func comment(above key: ConfigurationKey) throws -> String? {
        let file = Self.files.first { ConfigurationSchema.namespace(ofFile: $0) == [key.path[0]] }
        let lines = try Stage.text("config/\(file ?? "").yml")
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        // Keys of inner objects are found by walking down their indentation.
        var position = 0
        for (depth, name) in key.path.dropFirst().enumerated() {
            let indent = String(repeating: " ", count: 2 * (depth + 1))
            guard let next = lines[position...].firstIndex(where: { $0.hasPrefix("\(indent)\(name):") }) else {
                return nil
            }
            position = next
        }
        var comment: [String] = []
        while position > 0, lines[position - 1].contains("# ") {
            position -= 1
            comment.insert(lines[position], at: 0)
        }
        return comment.isEmpty ? nil : comment.joined(separator: " ")
    }
}
