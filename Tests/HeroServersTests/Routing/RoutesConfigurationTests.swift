// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroTestSupport
import Testing

@testable import HeroConfiguration
@testable import HeroServers

@Suite("config/routes.yml")
struct RoutesConfigurationTests {
    private func read(_ routes: String) throws -> RoutesConfiguration {
        let project = try TestProject(["config/routes.yml": "default:\n" + routes])
        var loader = ConfigurationLoader(projectRoot: project.root, environment: [:])
        return try RoutesConfiguration(loader.load())
    }

    private func problems(_ routes: String) -> [String] {
        do {
            _ = try read(routes)
            return []
        } catch {
            return (error as? ConfigurationRefused)?.problems.map(\.description) ?? ["\(error)"]
        }
    }

    @Test("is read in the order in which it is written, the routes for all methods first")
    func order() throws {
        let routes = try read(
            """
              get:
                - { path: /a, action: one }
                - { path: /b, dir: public/b, matchTrailingPathParts: true }
              all:
                - { path: /c, action: three, apiVersion: 2 }
            """
        ).routes
        #expect(routes.map { "\($0.method) \($0.route.path)" } == ["all /c", "get /a", "get /b"])
        #expect(routes.map(\.route.place) == ["config/routes.yml:6", "config/routes.yml:3", "config/routes.yml:4"])
        #expect(routes[0].route.apiVersion == "2")
        #expect(routes[2].route.target == .directory("public/b"))
    }

    @Test("a route that can never be reached is refused, with the places of both")
    func conflict() {
        let found = problems(
            """
              all:
                - { path: "/user/:id", action: one }
              get:
                - { path: /x, action: one }
                - { path: "/user/:name", action: two }
            """)
        #expect(
            found == [
                "config/routes.yml:6: routes.get[1] can never be reached: GET /user/:name is a route of"
                    + " config/routes.yml:3 already"
            ])
    }

    @Test(
        "a route that cannot be used is refused, with its line",
        arguments: [
            (#"{ path: "/:a([)", action: x }"#, "(/:a([)) has the regular expression '['"),
            (#"{ path: "/:a(x/y)", action: x }"#, "(/:a(x/y)) has the part ':a(x'"),
            (#"{ path: /a }"#, "(/a) names neither an action nor a dir"),
            (#"{ path: /a, action: x, dir: y }"#, "(/a) names both an action and a dir"),
        ])
    func unusable(route: String, reason: String) {
        let found = problems("  get:\n    - { path: /fine, action: x }\n    - \(route)\n")
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("config/routes.yml:4: routes.get[1] \(reason)") == true, "\(found)")
    }
}
