// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroTestSupport
import Testing

@testable import HeroBundles

@Suite("bundles built against an earlier SDK work on this host")
struct KeptBundlesTests {
    private func answer(_ hero: RunningHero, _ target: String, body: String? = nil) async throws -> JSON {
        let headers = body == nil ? [] : [("Content-Type", "application/json")]
        let response = try await hero.request(
            target, method: body == nil ? "GET" : "POST", headers: headers, body: body)
        return try JSON(parsing: response.body)
    }

    @Test("there is an interface for this version")
    func isKept() {
        #expect(KeptSDK.all.map(\.name).contains(SDK.version))
    }

    @Test("all kinds of inputs", arguments: KeptSDK.all)
    func inputs(_ kept: KeptSDK) async throws {
        let project = try TestProject()
        try await kept.build(into: project, "actions", "initializers", "middleware")
        let hero = try await project.start()
        let short = try await answer(hero, "/api/inputs?text=%20ab&is-loud=true&numbers=1&numbers=2")
        #expect(short["text"] == "AB" && short["count"] == 7 && short["ratio"] == 1.5 && short["isLoud"] == true)
        #expect(short["even"] == 2 && short["size"] == "small", "\(short)")
        let long = try await answer(
            hero, "/api/inputs",
            body: """
                {"text": "x", "count": "12", "ratio": 2, "note": "n", "size": "large", "numbers": [1, 2],
                 "anything": {"deep": [null]}, "weights": {"a": 0.5}, "address": {"city": "Ulm", "code": 89},
                 "stops": [{"city": "Rom"}], "even": 3}
                """)
        #expect(long["count"] == 12 && long["ratio"] == 2 && long["note"] == "n" && long["size"] == "large")
        #expect(long["numbers"] == [1, 2] && long["anything"] == ["deep": [nil]] && long["weights"] == ["a": 0.5])
        #expect(long["cities"] == ["Ulm 89", "Rom 0"] && long["even"] == 2)
        let wrong = try await answer(hero, "/api/inputs", body: #"{"text": "1", "stops": [{"city": ""}], "even": 2}"#)
        #expect(wrong["error"]?.stringValue?.isEmpty == false)
        #expect(try await hero.stop() == 0)
    }

    @Test("versions, middleware, services, sessions, in-line actions, headers and errors", arguments: KeptSDK.all)
    func everything(_ kept: KeptSDK) async throws {
        let project = try TestProject()
        try await kept.build(into: project, "actions", "initializers", "middleware")
        let hero = try await project.start()
        let response = try await hero.request("/api/everything", headers: [("User-Agent", "corpus")])
        #expect(response.status == 202 && response["x-corpus"] == "yes" && response["x-corpus-more"] == "web")
        #expect(response["x-after"] == "success" && response["set-cookie"]?.contains("crumb=1") == true)
        let body = try JSON(parsing: response.body)
        for (name, value) in [
            ("inner", "1"), ("counted", 1), ("tool", "hammer on rock"), ("environment", "development"), ("id", true),
            ("method", "GET"), ("agent", "corpus"), ("remote", true), ("stranger", true), ("round", "1"),
            ("created", true),
        ] as [(String, JSON)] {
            #expect(body[name] == value, "\(name)")
        }
        for (version, expected) in [("1", "1"), ("2", "2"), ("beta", "beta")] {
            #expect(try await answer(hero, "/api/versioned?apiVersion=\(version)")["version"] == .string(expected))
        }
        #expect(try await answer(hero, "/api/versioned")["version"] == "beta")
        let failed = try await hero.request("/api/failing?how=error")
        #expect(failed.status == 418 && failed["x-after"] == "error" && failed.text.contains("E_NO"))
        #expect(try await answer(hero, "/api/failing?how=service")["error"] != nil)
        #expect(try await answer(hero, "/api/failing?how=no&skip=1")["error"] == nil)
        #expect(try await hero.stop() == 0)
        #expect(hero.messages.contains { $0.contains("tools stop") })
    }

    @Test("bundles share values, locks and calls", arguments: KeptSDK.all)
    func shared(_ kept: KeptSDK) async throws {
        let project = try TestProject()
        try await kept.build(into: project, "actions", "initializers", "middleware")
        let hero = try await project.start()
        let answer = try await answer(hero, "/api/shared")
        #expect(answer["loaded"] == true && answer["destroyed"] == true && answer["locked"] == true)
        #expect(answer["fetched"] == 1)
        #expect(answer["missing"] == "notFound: Object not found")
        #expect(answer["popped"] == "item")
        #expect(answer["rpc"] == "timedOut: RPC Timeout")
        #expect(answer["redis"] == true)
        #expect(try await hero.stop() == 0)
    }

    @Test(
        "streams, plain bodies, subclasses and conformances through a protocol of the bundle's own",
        arguments: KeptSDK.all)
    func responses(_ kept: KeptSDK) async throws {
        let project = try TestProject()
        try await kept.build(into: project, "actions", "initializers", "middleware")
        let hero = try await project.start()
        #expect(try await hero.request("/api/streamed").text == "chunk 1\nchunk 2\nchunk 3\n")
        #expect(try await hero.request("/api/plain").text == "plain")
        #expect(try await answer(hero, "/api/animal")["sound"] == "?")
        #expect(try await answer(hero, "/api/cat")["sound"] == "meow")
        #expect(try await answer(hero, "/api/nested")["number"] == 4)
        #expect(try await hero.stop() == 0)
    }

    /// Bundles of these SDKs do not say which commands they have, and none is loaded to find out unless somebody asks.
    private func noteCommands(_ path: String, in project: TestProject) async throws {
        let noted = try await project.hero("bundle", "stamp", "--commands", path)
        #expect(noted.code == 0, "\(noted.error)")
    }

    @Test("commands", arguments: KeptSDK.all)
    func commands(_ kept: KeptSDK) async throws {
        let project = try TestProject()
        try await kept.build(into: project)
        try await noteCommands("commands/greet.so", in: project)
        let result = try await project.hero("greet", "loudly", "--who", "ada", "--times", "2")
        #expect(
            result.code == 0 && result.output == "ADA with hammer on rock\nADA with hammer on rock\n", "\(result.error)"
        )
        #expect(try await project.hero("help").output.contains("greet loudly"))
    }

    @Test("an SDK with fewer fields, requirements, types and stored properties than this one")
    func reduced() async throws {
        let project = try TestProject()
        try await KeptSDK.reduced.build(into: project)
        let hero = try await project.start()
        let response = try await hero.request("/api/older?text=%20hi")
        #expect(response.status == 200 && response["x-old"] == "yes" && response["x-old-before"] == "older")
        #expect(
            response["set-cookie"]?.contains("crumb=1") == true && response["set-cookie"]?.contains("Path=/old") == true
        )
        let body = try JSON(parsing: response.body)
        #expect(body["text"] == "hi" && body["count"] == 3 && body["action"] == "older" && body["type"] == "web")
        #expect(body["params"]?["text"] == " hi" && body["id"] == true)
        let failed = try await hero.request("/api/older?text=fail")
        #expect(failed.status == 410 && failed.text.contains("E_AGO"))
        #expect(try await hero.stop() == 0)
        #expect(hero.messages.contains { $0.contains("the old one stops") })
        try await noteCommands("commands/older.so", in: project)
        #expect(try await project.hero("age", "--years", "7").output == "7 old\n")
        let list = try JSON(parsing: try await project.hero("actions", "list", "--json").output)
        #expect(list[0]?["name"] == "older")
    }
}
