// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroTestSupport
import Testing

@testable import HeroConfiguration
@testable import HeroRuntime

@Suite("the page about the web server")
struct WebServerPageTests {
    private struct Row {
        let key: String
        let unit: String
        let standard: String
    }

    private func rows() throws -> [Row] {
        try Stage.text("docs/web-server.md").split(separator: "\n").compactMap { line in
            guard let match = line.firstMatch(of: /^\| `(web\.[A-Za-z.]+)` \| ([^|]+) \| (\S+) \|/) else { return nil }
            return Row(key: String(match.output.1), unit: String(match.output.2), standard: String(match.output.3))
        }
    }

    @Test("names each limit's key with the unit and the default that it has")
    func limits() throws {
        let project = try TestProject(["config/empty.yml": "default: {}\n"])
        try project.copy("\(Stage.repository)/config/servers/web.yml", to: "config/servers/web.yml")
        var loader = ConfigurationLoader(projectRoot: project.root, environment: [:])
        let shipped = try loader.load()
        let rows = try rows()
        for row in rows {
            #expect(shipped.value(at: row.key)?.description == row.standard, "\(row.key)")
            guard
                case .integer(_, let unit)? = ConfigurationSchema.standard.keys.first(where: { $0.name == row.key })?
                    .type
            else {
                Issue.record("\(row.key) is no number")
                continue
            }
            #expect(unit ?? "–" == row.unit, "\(row.key)")
        }
        let numbers = ConfigurationSchema.standard.keys.filter { key in
            if case .integer = key.type { true } else { false }
        }
        let limits = numbers.map(\.name).filter { name in
            ["web.limits.", "web.timeouts.", "web.queryParseOptions."].contains { name.hasPrefix($0) }
        }
        #expect(rows.map(\.key).sorted() == limits.sorted())
    }
}
