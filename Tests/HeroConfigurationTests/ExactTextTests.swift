// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Foundation
import HeroTestSupport
import Testing

@testable import HeroConfiguration

/// Texts that look like something else.
private let texts = [
    "0123456", "1e5", "0x10", "1.10", "null", "~", "12345678901234567890123", "true", "false", "-0", "+1", ".5",
    "1_000",
    "[1]", "{\"a\":1}", " x ", "a=b=c", "\u{301}accent", "9007199254740993", "NaN", "#no comment", "yes", "1e400",
]

@Suite("text that a key wants arrives as it was given")
struct ExactTextTests {
    private func load(
        _ files: [String: String] = [:], _ environment: [String: String] = [:], set: [(String, String)] = []
    ) throws -> EffectiveConfiguration {
        let project = try TestProject(files.merging(["config/empty.yml": "default: {}\n"]) { $1 })
        var flags = ConfigurationLoader.Flags()
        flags.values = set.map { (key: $0.0, value: $0.1) }
        var loader = ConfigurationLoader(projectRoot: project.root, environment: environment, flags: flags)
        return try loader.load()
    }

    private func problem(_ files: [String: String], _ environment: [String: String] = [:]) -> String? {
        do {
            _ = try load(files, environment)
            return nil
        } catch {
            return ((error as? ConfigurationRefused)?.problems.first).map { "\($0)" } ?? "\(error)"
        }
    }

    @Test("from an environment variable, with the built-in default and with a file", arguments: texts)
    func environment(text: String) throws {
        let variables = ["REDIS_PASSWORD": text, "MINE": text]
        #expect(try load([:], variables).value(at: "redis.password") == .string(text))
        let files = [
            "config/redis.yml": "default:\n  password: ${REDIS_PASSWORD:-}\n  sentinel: {password: \"${MINE}\"}\n",
            "config/api.yml": "default: {serverName: \"a-${MINE}\", filteredParams: [b, \"${MINE}\"]}\n",
            "config/servers/web.yml": "default:\n  httpHeaders:\n    X-Mine: ${MINE}\n",
        ]
        let configuration = try load(files, variables)
        #expect(configuration.value(at: "redis.password") == .string(text))
        #expect(configuration.value(at: "redis.sentinel.password") == .string(text))
        #expect(configuration.value(at: "general.serverName") == .string("a-\(text)"))
        #expect(configuration.value(at: "general.filteredParams") == ["b", .string(text)])
        #expect(configuration.value(at: "web.httpHeaders")?["X-Mine"] == .string(text))
    }

    @Test("from --set", arguments: texts)
    func flag(text: String) throws {
        let configuration = try load(
            set: [("redis.password", text), ("general.serverName", text), ("web.httpHeaders.X-Mine", text)])
        #expect(configuration.value(at: "redis.password") == .string(text))
        #expect(configuration.value(at: "general.serverName") == .string(text))
        #expect(configuration.value(at: "web.httpHeaders")?["X-Mine"] == .string(text))
    }

    @Test(
        "from a file without quotes, where only nothing and null are nothing",
        arguments: ["0123456", "1e5", "0x10", "1.10", "12345678901234567890123", "true", "-0", "+1", ".5", "yes"])
    func file(text: String) throws {
        let files = [
            "config/api.yml": "default: {serverName: \(text)}\n", "config/redis.yml": "default: {password: \(text)}\n",
            "config/routes.yml": "default:\n  get:\n    - {path: /a, action: \(text), apiVersion: \(text)}\n",
        ]
        let configuration = try load(files)
        #expect(configuration.value(at: "general.serverName") == .string(text))
        #expect(configuration.value(at: "redis.password") == .string(text))
        #expect(configuration.value(at: "routes.get")?[0]?["apiVersion"] == .string(text))
        #expect(configuration.value(at: "routes.get")?[0]?["action"] == .string(text))
        // The last is the reference's way to say none.
        for nothing in ["", "~", "null", "false"] {
            let configuration = try load(["config/redis.yml": "default: {password: \(nothing)}\n"])
            #expect(configuration.value(at: "redis.password") == .null)
        }
    }

    @Test("from a variable for a key of the application, which reads it as what it wants", arguments: texts)
    func ownKeys(text: String) throws {
        let files = ["config/mine.yml": "default:\n  key: ${MINE}\n"]
        for host in [try load(files, ["MINE": text]), try load(files, ["MINE": "x"], set: [("mine.key", text)])] {
            let configuration = Configuration(host: host)
            // Lists and objects are given as JSON on the command line.
            if text.hasPrefix("[") || text.hasPrefix("{") { continue }
            #expect(try configuration.string("mine.key") == text)
        }
        let numbers = Configuration(host: try load(files, ["MINE": "0042"]))
        #expect(try numbers.int("mine.key") == 42 && numbers.string("mine.key") == "0042")
        #expect(try Configuration(host: load(files, ["MINE": "42"]))["mine.key"] == 42)
        #expect(try Configuration(host: load(files, ["MINE": "true"])).bool("mine.key"))
        #expect(try Configuration(host: load(files, ["MINE": "1.10"])).double("mine.key") == 1.1)
    }

    @Test("and numbers and flags are still read from variables, and an empty one is nothing")
    func otherTypes() throws {
        let configuration = try load(
            [:],
            [
                "PORT": "0080", "REDIS_DB": "3", "REDIS_ENABLED": "no", "REDIS_URL": "", "ALLOWED_HOSTS": "https://a",
                "AUTOMATIC_ROUTES": "get,post",
            ], set: [("web.padding", "null"), ("web.compress", "1"), ("tasks.queues", "[\"a\"]")])
        #expect(configuration.value(at: "web.port") == 80 && configuration.value(at: "redis.db") == 3)
        #expect(configuration.value(at: "redis.enabled") == false && configuration.value(at: "redis.url") == .null)
        #expect(configuration.value(at: "web.allowedRequestHosts") == ["https://a"])
        #expect(configuration.value(at: "web.automaticRoutes") == ["get", "post"])
        #expect(configuration.value(at: "web.padding") == .null && configuration.value(at: "web.compress") == true)
        #expect(configuration.value(at: "tasks.queues") == ["a"])
    }

    @Test("a number with a fraction in JSON has lost its spelling, and is refused where text is wanted")
    func jsonNumbers() throws {
        let overrides = ["ACTIONHERO_CONFIG_OVERRIDES": #"{"general":{"serverName":1.10}}"#]
        #expect(
            problem([:], overrides)
                == "ACTIONHERO_CONFIG_OVERRIDES: general.serverName must be text, not a number: put it in quotes")
        let exact = #"{"general":{"serverName":12345678901234567890123}}"#
        #expect(
            try load([:], ["ACTIONHERO_CONFIG_OVERRIDES": exact]).value(at: "general.serverName")
                == "12345678901234567890123")
    }

    @Test("a list that is broken JSON is refused on the command line, where no text can be meant")
    func brokenLists() throws {
        for (key, value) in [("tasks.queues", "[a"), ("web.automaticRoutes", "[\"get\""), ("web.httpHeaders", "{a}")] {
            let refused = #expect(throws: ConfigurationRefused.self) { try load(set: [(key, value)]) }
            let text = refused.map { $0.problems.map { "\($0)" }.joined() } ?? ""
            #expect(text.contains("--set \(key)") && text.contains("begins as JSON does, and is none"), "\(text)")
        }
        #expect(try load(set: [("mine.pattern", "[a-z]+")]).value(at: "mine.pattern") == "[a-z]+")
    }

    @Test("an integer with a tag that no type holds is text where text is wanted")
    func largeTaggedInteger() throws {
        let files = ["config/api.yml": "default:\n  serverName: !!int 18446744073709551616\n"]
        #expect(try load(files).value(at: "general.serverName") == "18446744073709551616")
        #expect(problem(["config/servers/web.yml": "default:\n  port: !!int 18446744073709551616\n"]) != nil)
    }

    @Test("bytes that are no text are reported with their line")
    func invalidBytes() throws {
        let project = try TestProject()
        let lines = Array("default:\n  serverName: a\n".utf8) + Array(repeating: UInt8(ascii: "\n"), count: 40)
        try project.write(Data(lines + Array("  other: \"".utf8) + [0xFF, UInt8(ascii: "\"")]), to: "config/api.yml")
        var loader = ConfigurationLoader(projectRoot: project.root, environment: [:])
        let refused = #expect(throws: ConfigurationRefused.self) { try loader.load() }
        #expect(refused?.problems.first?.line == 43)
    }

    @Test("an empty AUTOMATIC_ROUTES opens no method, and one that is not set all of them")
    func emptyList() throws {
        #expect(try load([:], ["AUTOMATIC_ROUTES": ""]).value(at: "web.automaticRoutes") == [])
        let all: JSON = ["head", "get", "post", "put", "patch", "delete"]
        #expect(try load().value(at: "web.automaticRoutes") == all)
        let files = ["config/servers/web.yml": "default:\n  automaticRoutes: ${AUTOMATIC_ROUTES-get,post}\n"]
        #expect(try load(files, ["AUTOMATIC_ROUTES": ""]).value(at: "web.automaticRoutes") == [])
        #expect(try load(files).value(at: "web.automaticRoutes") == ["get", "post"])
    }

    @Test("explicit tags of YAML are obeyed")
    func tags() throws {
        let file = """
            default:
              a: !!str 5
              b: !!int "5"
              c: !!float 5
              d: !!bool "true"
              e: !!null ""
              f: ! 5
              g: !!str null
              h: !!seq [!!str 1, 2]
              i: !!map {j: !!str 1e3}
              k: 12345678901234567890123
              l: 007
              m: !!str ${NOTHING:-1.10}
            """
        let mine = try load(["config/mine.yml": file]).value(at: "mine")
        let expected =
            #"{"a":"5","b":5,"c":5,"d":true,"e":null,"f":"5","g":"null","h":["1",2],"i":{"j":"1e3"},"#
            + #""k":12345678901234567890123,"l":"007","m":"1.10"}"#
        #expect(mine?.description == expected)
        #expect(
            problem(["config/mine.yml": "default:\n  a: !!int abc\n"])
                == "config/mine.yml:2: mine.a is marked !!int, and 'abc' is none")
        for tag in ["!mine", "!!binary", "!!timestamp"] {
            #expect(
                problem(["config/mine.yml": "default:\n\n  a: \(tag) eA==\n"])?
                    .hasPrefix("config/mine.yml:3: the tag ") == true)
        }
        #expect(problem(["config/mine.yml": "default:\n  a: !!set {b}\n"])?.contains("the tag") == true)
    }

    @Test("names of keys that only look alike are two")
    func names() throws {
        let file = "default:\n  caf\u{E9}: 1\n  cafe\u{301}: 2\n"
        let configuration = try load(["config/mine.yml": file])
        #expect(configuration.value(at: "mine.caf\u{E9}") == 1 && configuration.value(at: "mine.cafe\u{301}") == 2)
        #expect(problem(["config/servers/web.yml": "default:\n  fingerprintOptions: {coo\u{212A}ieKey: a}\n"]) != nil)
    }
}
