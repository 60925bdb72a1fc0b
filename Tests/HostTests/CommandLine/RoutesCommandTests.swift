// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroTestSupport
import Testing

@Suite("hero routes")
struct RoutesCommandTests {
    private func project() async throws -> TestProject {
        let project = try TestProject([
            "actions/shop.swift": """
            import ActionHero

            struct Order: Action {
                static let routes = [Route(.post, "/order/:item")]
                func run(_ context: Context) async throws -> NoOutput { NoOutput() }
            }

            struct Prices: Action {
                static let version = 2
                func run(_ context: Context) async throws -> NoOutput { NoOutput() }
            }

            struct Inventory: Action {
                static let automaticRoute = false
                func run(_ context: Context) async throws -> NoOutput { NoOutput() }
            }
            """,
            "config/routes.yml": """
            default:
              get:
                - { path: /stock, action: inventory }

            """,
            "config/servers/web.yml": "default:\n  automaticRoutes: [get, post]\n",
        ])
        try await project.build()
        return project
    }

    @Test("shows who has given an action which path")
    func shows() async throws {
        let project = try await project()
        let table = try await project.hero("routes")
        #expect(table.code == 0, "\(table)")
        let rows = table.output.split(separator: "\n").map { line in
            line.split(separator: "  ", omittingEmptySubsequences: true).map { $0.trimmingPrefix(" ") }.joined(
                separator: " | ")
        }
        #expect(rows.first == "METHODS | PATH | LEADS TO | VERSION | FROM")
        for row in [
            "GET | /api/stock | inventory | 1 | config/routes.yml:3",
            "POST | /api/order/:item | order | 1 | Order in actions/shop.so",
            "GET,POST | /api/prices | prices | 2 | automatic (web.automaticRoutes)",
        ] { #expect(rows.contains(row), "\(table.output)") }
        #expect(!table.output.contains("/api/order ") && !table.output.contains("/api/inventory"))

        let list = try JSON(parsing: try await project.hero("routes", "--json").output).arrayValue ?? []
        #expect(
            list.first { $0["action"] == "prices" } == [
                "methods": ["GET", "POST"], "path": "/api/prices", "action": "prices", "version": "2",
                "versions": ["2"],
                "origin": "automatic", "place": "web.automaticRoutes",
            ])
        #expect(list.contains { $0["health"] == "live" && $0["path"] == "/health/live" })
        #expect(list.contains { $0["directory"] == .string(project.path("public")) && $0["methods"] == ["*"] })
    }
}
