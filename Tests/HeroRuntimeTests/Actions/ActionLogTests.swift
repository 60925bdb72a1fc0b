// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroBundles
import HeroRuntime
import Testing

@Suite("the line about each action")
struct ActionLogTests {
    private struct Address: InputObject {
        @Input("street") var street: String?
        @Input("code", secret: true) var code: String?
        @Input("next") var further: [Address] = []
    }

    private struct Login: Action {
        static let logLevel = LogLevel.debug
        @Input("user") var user: String
        @Input("password", secret: true) var password: String?
        @Input("token", name: "t", secret: true) var token: JSON?
        @Input("tags") var tags: [String] = []
        @Input("profile") var profile: JSON?
        @Input("address") var address: Address?
        @Input("addresses") var addresses: [Address] = []
        @Input("named") var named: [String: Address] = [:]

        func run(_ context: Context) async throws -> JSON {
            if user == "mallory" { throw ActionError("no entry") }
            return [
                "user": .string(user), "session": ["key": "k", "list": [["key": 1], ["key": 2]]], "text": "long text",
            ]
        }
    }

    private func process(_ overrides: JSON = [:]) throws -> InMemoryProcess {
        try InMemoryProcess([.action(Login.self)], overrides: overrides)
    }

    private func line(_ process: InMemoryProcess) throws -> JSON.Object {
        try #require(try process.log().last { $0["message"]?.stringValue?.hasPrefix("[ action") == true })
    }

    private func params(_ params: JSON.Object, _ overrides: JSON = [:]) async throws -> JSON {
        let process = try process(overrides)
        _ = await process.answer("login", params)
        return try JSON(parsing: try #require(try line(process)["params"]?.stringValue))
    }

    @Test("has its fields in the reference's order, at the action's level")
    func fields() async throws {
        let process = try process()
        _ = await process.answer("login", ["user": "ada"])
        let line = try line(process)
        #expect(line.names == ["level", "message", "to", "action", "params", "duration"])
        #expect(line["level"] == "debug" && line["message"] == "[ action @ test ]")
        #expect(line["to"] == "127.0.0.1" && line["action"] == "login")
        #expect(line["params"] == #"{"action":"login","apiVersion":1,"user":"ada"}"#)
        #expect(line["duration"]?.intValue != nil)
    }

    @Test("has the version that ran, as a number where it is one, unless the client named it")
    func version() async throws {
        #expect(try await params(["user": "ada", "apiVersion": ""])["apiVersion"] == 1)
        #expect(try await params(["user": "ada", "apiVersion": "1"])["apiVersion"] == "1")
        let process = try process()
        _ = await process.answer("nothing", ["a": "1"])
        #expect(try line(process)["params"] == #"{"action":"nothing","apiVersion":null,"a":"1"}"#)
    }

    @Test("is an error line with the error when the request failed, however it failed")
    func errors() async throws {
        let process = try process()
        for (name, params, error) in [
            ("login", ["user": "mallory"], "Error: no entry"),
            ("login", [:], "Error: user is a required parameter for this action"),
            ("nothing", [:], "Error: unknown action or invalid apiVersion"),
        ] as [(String, JSON.Object, JSON)] {
            _ = await process.answer(name, params)
            let line = try line(process)
            #expect(line["level"] == "error" && line["error"] == error && line["action"] == .string(name))
        }
    }

    @Test("is not written when no destination wants the action's level")
    func level() async throws {
        let process = try process(["logger": ["file": ["level": "info"], "console": ["level": "crit"]]])
        _ = await process.answer("login", ["user": "ada"])
        #expect(try process.log().isEmpty)
        _ = await process.answer("login", ["user": "mallory"])
        #expect(try process.log().count == 1)
    }

    @Test("the plain format has the reference's shape")
    func plain() async throws {
        let process = try process(["logger": ["file": ["format": "line"]]])
        _ = await process.answer("login", ["user": "mallory"])
        let text = try #require(try process.logText().split(separator: "\n").last)
        let expected = try Regex(
            #"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z - error: \[ action @ test \] to=127\.0\.0\.1 action=login "#
                + #"params=\{"action":"login","apiVersion":1,"user":"mallory"\} duration=\d+ error=Error: no entry"#)
        #expect(text.wholeMatch(of: expected) != nil, "\(text)")
    }

    @Test("line breaks and control characters of clients cannot forge lines or reach a terminal")
    func injection() async throws {
        let process = try process(["logger": ["file": ["format": "line"]]])
        let forged = "a\n2016-01-01T00:00:00.000Z - info: forged\r\u{1B}[31m\u{7F}\u{9B}31m\u{85}"
        _ = await process.answer("login", ["user": .string(forged), "profile": [forged: .string(forged)]])
        _ = await process.answer(forged, [:])
        process.process.application.facade.log.info("said \(forged)", [forged: forged, "list": [forged]])
        let text = try process.logText()
        let lines = text.split(separator: "\n")
        #expect(lines.filter { $0.contains("forged") }.count == 3)
        #expect(lines.allSatisfy { $0.contains("Z - ") && !$0.hasPrefix("2016-01-01") })
        let controls = text.unicodeScalars.filter { $0.properties.generalCategory == .control && $0 != "\n" }
        #expect(controls.isEmpty, "\(controls)")
        #expect(text.contains(#"said a\n2016-01-01T00:00:00.000Z - info: forged\r\x1b[31m\x7f\x9b31m\x85"#))
        // Letters of the same block stay as they are.
        process.process.application.facade.log.info("caf\u{E9} \u{C2}\u{A0}\u{A3}")
        #expect(try process.logText().contains("caf\u{E9} \u{C2}\u{A0}\u{A3}"))
    }

    @Test("secret inputs are hidden wherever they stand and however they were written")
    func secrets() async throws {
        let hidden: JSON = "[FILTERED]"
        let address: JSON = ["street": "Main", "code": "s3cret"]
        let masked: JSON = ["street": "Main", "code": "[FILTERED]"]
        let logged = try await params([
            "user": "ada", "password": "s3cret", "t": ["s3cret"], "address": address, "addresses": [address, address],
            "named": ["home": address],
        ])
        #expect(logged["password"] == hidden && logged["t"] == hidden)
        #expect(logged["address"] == masked)
        #expect(logged["addresses"] == [masked, masked])
        #expect(logged["named"] == ["home": masked])
        let asText = try await params([
            "user": "ada", "address": .string(address.description), "addresses": #"[{"code":"s3cret"}]"#,
            "named": #"{"home":{"code":"s3cret""#,
        ])
        #expect(!asText.description.contains("s3cret"))
        #expect(asText["named"] == hidden)
        let nested = try await params(["user": "ada", "address": ["further": [["further": [["code": "s3cret"]]]]]])
        #expect(!nested.description.contains("s3cret"))
        // A request that is refused is logged like any other.
        #expect(try await !params(["address": address, "password": "s3cret"]).description.contains("s3cret"))
        #expect(try await params(["user": "ada", "address": "Main"])["address"] == "Main")
        for text in [#"x{"code":"s3cret"}"#, #""code":"s3cret""#, "code=s3cret", #"'{"code":"s3cret"}'"#] {
            let logged = try await params(["user": "ada", "address": .string(text), "addresses": [.string(text)]])
            #expect(!logged.description.contains("s3cret"), "\(logged)")
        }
    }

    @Test("filteredParams hides names and paths, in lists and in text that holds JSON as well")
    func filteredParams() async throws {
        let overrides: JSON = ["general": ["filteredParams": ["user", "profile.a.b", "profile.list.b", "x.y", "tags"]]]
        let logged = try await params(
            ["user": "ada", "profile": ["a": ["b": 1, "c": 2], "list": [["b": 1, "d": 1], 5]], "tags": ["t"]], overrides
        )
        #expect(logged["user"] == "[FILTERED]" && logged["tags"] == "[FILTERED]")
        #expect(logged["profile"] == ["a": ["b": "[FILTERED]", "c": 2], "list": [["b": "[FILTERED]", "d": 1], 5]])
        let text = try await params(["user": "ada", "profile": #"{"a":{"b":1,"c":2}}"#], overrides)
        #expect(text["profile"] == #"{"a":{"b":"[FILTERED]","c":2}}"#)
        #expect(try await params(["user": "ada", "profile": #"{"a":{"b":1"#], overrides)["profile"] == "[FILTERED]")
        #expect(try await params(["user": "ada", "profile": "plain"], overrides)["profile"] == "plain")
    }

    @Test("long texts are cut and long lists counted, after what is hidden was hidden")
    func lengths() async throws {
        let overrides: JSON = [
            "logger": ["maxLogStringLength": 12, "maxLogArrayLength": 2], "general": ["filteredParams": ["profile.a"]],
        ]
        let logged = try await params(
            ["user": "0123456789abcdef", "tags": ["a", "b", "c"], "profile": #"{"a":"s3cret and more"}"#], overrides)
        #expect(logged["user"] == "0123456789ab")
        #expect(logged["tags"] == "3 items")
        #expect(logged["profile"]?.stringValue?.contains("s3") == false)
        let short = try await params(
            ["user": "\u{E9}\u{E9}\u{E9}\u{E9}\u{E9}\u{E9}\u{E9}", "tags": ["a", "b"]], overrides)
        #expect(short["user"] == "\u{E9}\u{E9}\u{E9}\u{E9}\u{E9}\u{E9}\u{E9}")
        #expect(short["tags"] == ["a", "b"])
    }

    @Test("responses are logged when wanted, with filteredResponse hidden")
    func responses() async throws {
        let process = try process([
            "general": ["enableResponseLogging": true, "filteredResponse": ["session.key", "session.list.key"]],
            "logger": ["maxLogStringLength": 4],
        ])
        _ = await process.answer("login", ["user": "ada"])
        let expected: JSON = [
            "user": "ada", "session": ["key": "[FILTERED]", "list": [["key": "[FILTERED]"], ["key": "[FILTERED]"]]],
            "text": "long",
        ]
        let logged = try #require(try line(process)["response"]?.stringValue)
        #expect(try JSON(parsing: logged) == expected)
        _ = await process.answer("login", ["user": "mallory"])
        #expect(try line(process)["response"] == #"{"error":"no e"}"#)
    }
}
