// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroRuntime
import HeroServers
import Testing

@Suite("the list of all routes")
struct RouteListingTests {
    private func rows(_ setup: WebProcess.Setup) throws -> [String] {
        let (_, process) = try WebProcess.load(setup)
        let listing = try RouteListing(process.application, actions: process.processor.actions)
        return listing.rows.map { row in
            "\(row.methods.joined(separator: ",")) \(row.path) \(row.cells[2]) \(row.cells[3]) | \(row.origin) \(row.place)"
        }
    }

    @Test("has every path, in the order in which they count, and says who is to blame")
    func everyPath() throws {
        var setup = WebProcess.Setup(actions: [Routed.self, First.self, Second.self, Quiet.self, Greet.self])
        setup.files = [
            "config/routes.yml": """
            default:
              get:
                - { path: /me, action: greet }
                - { path: /nobody, action: gone }
                - { path: /manual, dir: manual, matchTrailingPathParts: true }
              post:
                - { path: /old, action: versioned, apiVersion: "1" }

            """
        ]
        let all = try rows(setup)
        #expect(
            all.filter { !$0.contains("files of /") } == [
                "GET,HEAD /health/live health, live - | built-in web.health.live",
                "GET,HEAD /health/ready health, ready - | built-in web.health.ready",
                "GET /api/me greet 1 | configuration config/routes.yml:3",
                "GET /api/nobody gone (no such action) - | configuration config/routes.yml:4",
                "GET /public/manual/… files of manual - | configuration config/routes.yml:5",
                "GET /manual/… files of manual - | configuration config/routes.yml:5",
                "POST /api/old versioned 1 | configuration config/routes.yml:7",
                "GET /api/routed/:name routed 1 | action Routed in actions/0.so",
                "PUT,PATCH /api/routed routed 1 | action Routed in actions/0.so",
                "GET /api/rest/:name/… routed 1 | action Routed in actions/0.so",
            ])
        #expect(
            all.suffix(2).allSatisfy { $0.contains("files of /") && $0.hasSuffix("| built-in general.paths.public") })
    }

    @Test("shows what a name leads to by itself, and not what is hidden by another route")
    func automatic() throws {
        var setup = WebProcess.Setup(actions: [Greet.self, First.self, Second.self])
        setup.web = ["automaticRoutes": ["get", "post"], "urlPathForActions": "v1/x", "rootEndpointType": "api"]
        setup.routes = ["get": [["path": "/versioned", "action": "greet"]]]
        let all = try rows(setup)
        #expect(
            all.filter { $0.contains("automatic") } == [
                "POST /v1/x/versioned versioned 2 | automatic web.automaticRoutes",
                "POST /versioned versioned 2 | automatic web.automaticRoutes",
            ])
    }
}
