// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Testing

@testable import HeroServers

@Suite("routes as a tree")
struct RouterTests {
    private func router(_ routes: [RouteRecord], method: String = "get") -> Router {
        var router = Router()
        for route in routes { #expect(router.add(route, methods: [method]).isEmpty) }
        return router
    }

    private func route(_ path: String, _ action: String = "a", trailing: Bool = false) throws -> RouteRecord {
        try RouteRecord(path: path, target: .action(action), matchTrailingPathParts: trailing)
    }

    private func found(_ router: Router, _ path: String, method: String = "get") -> String? {
        guard let match = router.match(method: method, segments: RouteRecord.parts(of: path)) else { return nil }
        let values = match.captures.map { "\($0.name)=\($0.value ?? "nothing")" }.joined(separator: ",")
        return "\(match.route.action ?? "")(\(values))"
    }

    @Test("the first route that fits wins, whatever it is made of")
    func firstWins() throws {
        let early = try router([route("/x/:a", "variable"), route("/x/y", "literal")])
        #expect(found(early, "/x/y") == "variable(a=y)")
        let late = try router([route("/x/y", "literal"), route("/x/:a", "variable"), route("/:b/y", "first")])
        #expect(found(late, "/X/Y") == "literal()")
        #expect(found(late, "/x/z") == "variable(a=z)")
        #expect(found(late, "/z/y") == "first(b=z)")
        #expect(found(late, "/z/z") == nil)
    }

    @Test("variables of different names share their place and keep their names")
    func names() throws {
        let router = try router([route("/:a/one", "one"), route("/:b/two", "two"), route("/:c", "three")])
        #expect(found(router, "/v/one") == "one(a=v)")
        #expect(found(router, "/v/two") == "two(b=v)")
        #expect(found(router, "/v") == "three(c=v)")
    }

    @Test("the last part takes what follows where it is asked to")
    func trailing() throws {
        let router = try router([
            route("/a/:rest", "rest", trailing: true), route("/b", "below", trailing: true),
            route("/c/:n(^[^x]+$)", "digits", trailing: true), route("/d/__:rest", "prefixed", trailing: true),
        ])
        #expect(found(router, "/a/x/y") == "rest(rest=x/y)")
        #expect(found(router, "/a") == nil)
        #expect(found(router, "/b") == "below()")
        #expect(found(router, "/b/x/y") == "below()")
        #expect(found(router, "/c/1/2") == "digits(n=1/2)")
        #expect(found(router, "/c/1/x") == nil)
        #expect(found(router, "/d/__x/y") == "prefixed(rest=x/y)")
        #expect(found(router, "/d/x/y") == nil)
    }

    @Test(
        "an expression has the classes of the reference's language",
        arguments: [("12", true), ("1x", false), ("\u{664}\u{662}", false), ("", false)])
    func expressions(value: String, fits: Bool) throws {
        let router = try router([route("/n/:n(^\\d+$)")])
        #expect((found(router, "/n/\(value)") != nil) == fits)
    }

    @Test("paths are what they mean, however they are spelled")
    func spellings() throws {
        let router = try router([
            route("/grüße", "greetings"), route("/b%C3%BCro/:a", "office"), route("/echo", "echo"),
            route("/only/:n(^[^.]+$)", "undotted"), route("/ä:v", "prefixed"),
            route("/all/:rest(^[^A-Z]+$)", "rest", trailing: true),
        ])
        #expect(found(router, "/gr%C3%BC%C3%9Fe") == "greetings()")
        #expect(found(router, "/GR%c3%9c%C3%9Fe") == "greetings()")
        #expect(found(router, "/grüße") == "greetings()")
        #expect(found(router, "/b%c3%bcro/a%2Fb+c") == "office(a=a/b c)")
        #expect(found(router, "/büro/%2541") == "office(a=%41)")
        #expect(found(router, "/ec%68o") == "echo()")
        #expect(found(router, "/ec%2568o") == nil)
        #expect(found(router, "/only/%61b") == "undotted(n=ab)")
        #expect(found(router, "/only/%2e%2e") == nil)
        #expect(found(router, "/%C3%A41") == "prefixed(v=1)")
        #expect(found(router, "/all/a/%C3%9F") == "rest(rest=a/ß)")
        #expect(found(router, "/büro/%ff") == "office(a=nothing)")
        #expect(found(router, "/%zz") == nil)
    }

    @Test("HEAD finds the GET route unless it has one of its own")
    func head() throws {
        var router = try router([route("/x", "get"), route("/y", "get")])
        #expect(router.add(try route("/y", "head"), methods: ["head"]).isEmpty)
        #expect(found(router, "/x", method: "head") == "get()")
        #expect(found(router, "/y", method: "head") == "head()")
        #expect(router.allowedMethods(segments: ["x"]) == ["GET", "HEAD"])
        #expect(router.allowedMethods(segments: ["z"]) == [])
    }

    @Test(
        "two routes that fit the same paths are a conflict",
        arguments: [
            ("/x/y", "/X/y/", true), ("/:a", "/:b", true), ("/:a(^x$)", "/:b(^x$)", true), ("/:a(x)", "/:a(y)", false),
            ("/:a", "/a", false), ("/v:a", "/:a", false), ("/v:a", "/v:b", true),
        ])
    func conflicts(first: String, second: String, isConflict: Bool) throws {
        var router = Router()
        _ = router.add(try route(first), methods: ["get", "post"])
        let conflicts = router.add(try route(second, "b"), methods: ["post", "put"])
        #expect(conflicts.map(\.subject) == (isConflict ? ["POST \(second)"] : []))
    }

    @Test(
        "a path that cannot be used is refused",
        arguments: ["/:", "/x/v:", "/:a([)", "/:a((^x$)", "/:a(x/y)", "/:a(x", "/:a(x)y"])
    func unusable(path: String) {
        #expect(throws: RouteFault.self) { try RouteRecord(path: path, target: .action("a")) }
    }
}
