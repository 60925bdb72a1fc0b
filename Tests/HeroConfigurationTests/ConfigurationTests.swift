// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroTestSupport
import Testing

@testable import HeroConfiguration

@Suite("configuration")
struct ConfigurationTests {
    private func load(
        _ files: [String: String], _ environment: [String: String] = [:], set: [(String, String)] = [],
        directories: [String] = []
    ) throws -> EffectiveConfiguration {
        let project = try TestProject(files.merging(["config/empty.yml": "default: {}\n"]) { $1 })
        var flags = ConfigurationLoader.Flags()
        flags.values = set.map { (key: $0.0, value: $0.1) }
        flags.directories = directories
        var loader = ConfigurationLoader(projectRoot: project.root, environment: environment, flags: flags)
        return try loader.load()
    }

    private func problems(
        _ files: [String: String], _ environment: [String: String] = [:], set: [(String, String)] = []
    ) -> [String] {
        do {
            _ = try load(files, environment, set: set)
            return []
        } catch let refused as ConfigurationRefused {
            return refused.problems.map(\.description)
        } catch {
            return ["another error: \(error)"]
        }
    }

    @Test("without files the defaults are in force")
    func defaults() throws {
        let configuration = try load([:])
        #expect(configuration.value(at: "web.port") == 8080)
        #expect(configuration.value(at: "general.simultaneousActions") == 5)
        #expect(configuration.environment == "development")
    }

    @Test("the section of the environment stands on top of default, role sections on top of both")
    func sections() throws {
        let file = """
            default: {simultaneousActions: 1, serverName: a, apiVersion: "1"}
            production: {simultaneousActions: 2, serverName: b}
            role.worker: {simultaneousActions: 3}
            """
        func values(_ environment: [String: String]) throws -> [JSON?] {
            let configuration = try load(["config/api.yml": file], environment)
            return ["simultaneousActions", "serverName", "apiVersion"].map { configuration.value(at: "general.\($0)") }
        }
        #expect(try values([:]) == [1, "a", "1"])
        #expect(try values(["ACTIONHERO_ENV": "production"]) == [2, "b", "1"])
        #expect(try values(["NODE_ENV": "production"]) == [2, "b", "1"])
        #expect(try values(["NODE_ENV": "production", "ACTIONHERO_ENV": "test"]) == [1, "a", "1"])
        #expect(try values(["ACTIONHERO_ROLE": "worker", "ACTIONHERO_ENV": "production"]) == [3, "b", "1"])
    }

    @Test(
        "variables are replaced, empty ones by their default",
        arguments: [
            ("${NAME:-x}", [:], "x"), ("${NAME:-x}", ["NAME": ""], "x"), ("${NAME:-x}", ["NAME": "y"], "y"),
            ("${NAME}", ["NAME": ""], ""), ("a-${NAME:-x}-b", [:], "a-x-b"), ("$$${NAME:-x}", [:], "$x"),
            ("${A:-${B:-c}}", [:], "c"), ("${A:-${B:-c}}", ["B": "d"], "d"), ("costs $5", [:], "costs $5"),
        ] as [(String, [String: String], String)])
    func interpolation(text: String, environment: [String: String], expected: String) throws {
        let configuration = try load(["config/mine.yml": "default:\n  key: \"\(text)\"\n"], environment)
        #expect(configuration.value(at: "mine.key") == .string(expected))
    }

    @Test("a variable's text becomes what the key takes")
    func typedInterpolation() throws {
        let file = "default:\n  port: ${PORT:-8080}\n  enabled: ${ON:-yes}\n  automaticRoutes: ${ROUTES:-get, post}\n"
        let configuration = try load(["config/servers/web.yml": file], ["PORT": "99"])
        #expect(configuration.value(at: "web.port") == 99)
        #expect(configuration.value(at: "web.enabled") == true)
        #expect(configuration.value(at: "web.automaticRoutes") == ["get", "post"])
    }

    @Test("later sources win: files, then overrides, then --set")
    func precedence() throws {
        let files = ["config/servers/web.yml": "default:\n  port: 1\n  padding: 1\n  saveRawBody: true\n"]
        let overrides = ["ACTIONHERO_CONFIG_OVERRIDES": #"{"web":{"port":2,"padding":2}}"#]
        let configuration = try load(files, overrides, set: [("web.port", "3")])
        #expect(configuration.value(at: "web.port") == 3)
        #expect(configuration.value(at: "web.padding") == 2)
        #expect(configuration.value(at: "web.saveRawBody") == true)
        let origins = Dictionary(uniqueKeysWithValues: configuration.listing.map { ($0.key, "\($0.origin)") })
        #expect(origins["web.port"] == "--set web.port")
        #expect(origins["web.padding"] == "ACTIONHERO_CONFIG_OVERRIDES")
        #expect(origins["web.saveRawBody"] == "config/servers/web.yml:4 (default)")
        #expect(origins["web.bindIP"] == "built in")
    }

    @Test("several directories are read one after the other")
    func directories() throws {
        let files = [
            "one/api.yml": "default: {serverName: one, apiVersion: one}", "two/api.yml": "default: {serverName: two}",
        ]
        for configuration in [
            try load(files, directories: ["one", "two"]), try load(files, ["ACTIONHERO_CONFIG": "one,two"]),
        ] {
            #expect(configuration.value(at: "general.serverName") == "two")
            #expect(configuration.value(at: "general.apiVersion") == "one")
        }
    }

    @Test("files of the application are its own, below their path")
    func ownFiles() throws {
        let configuration = try load(["config/billing/stripe.yml": "default:\n  key: v\n  list: [1, {a: null}]\n"])
        #expect(configuration.value(at: "billing.stripe.key") == "v")
        #expect(configuration.value(at: "billing.stripe") == ["key": "v", "list": [1, ["a": nil]]])
    }

    @Test("roles and Procfile variables of the reference work", arguments: [true, false])
    func roles(isWorker: Bool) throws {
        let files = Dictionary(
            uniqueKeysWithValues: try ["api", "tasks", "servers/web", "servers/socket", "servers/websocket"].map {
                ("config/\($0).yml", try Stage.text("config/\($0).yml"))
            })
        let worker = ["ACTIONHERO_ROLE": "worker"]
        let procfile = [
            "ENABLE_WEB_SERVER": "false", "ENABLE_WEBSOCKET_SERVER": "false", "ENABLE_TCP_SERVER": "true",
            "SCHEDULER": "true", "MIN_TASK_PROCESSORS": "1", "MAX_TASK_PROCESSORS": "10",
        ]
        let configuration = try load(files, isWorker ? worker : procfile)
        #expect(configuration.value(at: "web.enabled") == false)
        #expect(configuration.value(at: "websocket.enabled") == false)
        #expect(configuration.value(at: "socket.enabled") == .bool(!isWorker))
        #expect(configuration.value(at: "tasks.scheduler") == true)
        #expect(configuration.value(at: "tasks.minTaskProcessors") == 1)
        #expect(configuration.value(at: "tasks.maxTaskProcessors") == 10)
    }

    @Test(
        "what is wrong is named with file, line, key, what is allowed and what was meant",
        arguments: [
            (
                "default:\n  prot: 1\n",
                "config/servers/web.yml:2: web.prot is not a key – did you mean web.port "
                    + "(a port from 0 to 65535, or the path of a Unix socket)?"
            ),
            (
                "default:\n  port: 65536\n",
                "config/servers/web.yml:2: web.port must be a port from 0 to 65535, or the path of a Unix socket, not 65536"
            ),
            (
                "default:\n\n  enabled: maybe\n",
                "config/servers/web.yml:3: web.enabled must be true or false, not 'maybe'"
            ),
            (
                "default:\n  rootEndpointType: nope\n",
                "config/servers/web.yml:2: web.rootEndpointType must be one of api, file, not 'nope'"
            ),
            (
                "default:\n  automaticRoutes: [get, fetch]\n",
                "config/servers/web.yml:2: web.automaticRoutes[1] must be one of "
                    + "head, get, post, put, patch, delete, not 'fetch'"
            ),
            (
                "default:\n  limits:\n    bodySzie: 3\n",
                "config/servers/web.yml:3: web.limits.bodySzie is not a key – did you mean web.limits.bodySize "
                    + "(a whole number of bytes, 1 or more)?"
            ),
            (
                "default:\n  limits: 3\n", "config/servers/web.yml:2: web.limits must hold keys with values"
            ),
            (
                "default:\n  port: ${NO_SUCH}\n",
                "config/servers/web.yml:2: web.port the environment variable NO_SUCH is not set – set it, "
                    + "or write ${NO_SUCH:-default}"
            ),
            (
                "port: 1\n",
                "config/servers/web.yml:1: port is no section, which would hold keys with values "
                    + "– is 'default:' missing above it?"
            ),
            (
                "default: 1\n",
                "config/servers/web.yml:1: web cannot be read from the section 'default', which must hold keys with values"
            ),
            ("- a\n", "config/servers/web.yml:1: a file begins with its sections, for example 'default:'"),
            (
                "default:\n  rootEndpointType: file\n  urlPathForFiles: null\n",
                "config/servers/web.yml:2: web.rootEndpointType cannot be \"file\" without a web.urlPathForFiles: "
                    + "set one, or set web.rootEndpointType to \"api\""
            ),
        ])
    func messages(file: String, message: String) {
        #expect(problems(["config/servers/web.yml": file]) == [message])
    }

    @Test("a wrong key in the section of another environment is found today")
    func otherSections() {
        #expect(
            problems(["config/api.yml": "default: {}\nproduction:\n  serverNmae: a\n"])
                == ["config/api.yml:3: general.serverNmae is not a key – did you mean general.serverName (text)?"])
    }

    @Test("everything that is wrong is reported at once")
    func allAtOnce() {
        let found = problems(
            ["config/api.yml": "default:\n  a: 1\n  b: 2\n", "config/errors.yml": "default:\n  c: 3\n"],
            ["ACTIONHERO_CONFIG_OVERRIDES": "{"], set: [("web.port", "x")])
        #expect(found.count == 5)
    }

    @Test("text that is not YAML is refused with its line")
    func malformed() {
        for text in [
            "default: [1\n", "default:\n\t- x\n", "default: &a [*a]\n", "a: b: c\n", "default: {a: 1, a: 2}\n",
        ] {
            let found = problems(["config/api.yml": text])
            #expect(found.count == 1 && found[0].hasPrefix("config/api.yml"), "\(text) gave \(found)")
        }
    }

    @Test("overrides that are no JSON object are refused")
    func overrides() {
        #expect(
            problems([:], ["ACTIONHERO_CONFIG_OVERRIDES": "[1]"])
                == ["ACTIONHERO_CONFIG_OVERRIDES: must be a JSON object"])
        #expect(problems([:], ["ACTIONHERO_CONFIG_OVERRIDES": "{"]).first?.contains("could not parse") == true)
    }

    @Test("a plugin that brings what cannot be read stops the boot, unless that is switched off")
    func plugins() {
        func found(_ entry: String) -> [String] {
            problems(["config/plugins.yml": "default:\n  acme: \(entry)\n", "x/actions/a.so": "", "x/public/a": ""])
        }
        #expect(
            found("{path: x}") == [
                "config/plugins.yml:2: plugins.acme brings actions/, and this version of hero reads public files of plugins "
                    + "only: copy the bundles into the project, and set plugins.acme.actions to false"
            ])
        #expect(found("{path: x, actions: false}") == [])
        #expect(found("{path: y}") == ["config/plugins.yml:2: plugins.acme.path names y, which is no directory"])
        #expect(found("{}").count == 1 && found("{path: 1}").count == 1 && found("x").count == 1)
        #expect(found("{path: x, actions: false, publik: true}").first?.contains("publik") == true)
    }

    @Test("secrets are masked wherever they are listed")
    func secrets() throws {
        let configuration = try load(
            ["config/mine.yml": "default: {apiKey: s3cret, dbPassword: s3cret, port: 1}"],
            ["REDIS_URL": "redis://u:s3cret@h:1/0"],
            set: [("general.serverToken", "s3cret"), ("redis.password", "s3cret")])
        let text = configuration.listing.map { "\($0.key)=\($0.value)" }.joined(separator: "\n")
        #expect(!text.contains("s3cret"))
        #expect(text.contains("general.serverToken=\"[MASKED]\""))
        #expect(configuration.value(at: "mine.apiKey") == "s3cret")
    }

    @Test("random bytes in a file never do more than be refused")
    func fuzz() throws {
        var random = SeededRandom(seed: 7)
        let alphabet = Array("ab:- \n[]{}'\"#&*!|>%@`?,0\t\\${".unicodeScalars.map(Character.init))
        for _ in 0..<100 {
            let text = String((0..<random.next(below: 60)).map { _ in alphabet[random.next(below: alphabet.count)] })
            _ = problems(["config/api.yml": "default:\n  serverName: x\n" + text])
        }
    }
}
