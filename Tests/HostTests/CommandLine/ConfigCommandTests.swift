// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport
import Testing

@Suite("hero config")
struct ConfigCommandTests {
    static let secrets = """
        default:
          apiKey: HIDE-IN-FILE
          currency: EUR
          database: postgres://app:HIDE-IN-URL@db.example/shop
          providers:
            - name: mail
              token: HIDE-IN-LIST
          sender:
            name: password
            value: HIDE-NAMED
          receiver:
            id: API_TOKEN
            values:
              first: HIDE-NAMED-OBJECT
              more: [HIDE-NAMED-LIST, {a: HIDE-NAMED-DEEP}]
          color:
            name: hue
            value: blue
        """

    @Test("each value is printed with the place it came from")
    func printsOrigins() async throws {
        let project = try TestProject([
            "config/api.yml": "default:\n  serverName: from file\nproduction:\n  serverName: from section\n",
            "config/servers/web.yml": "default:\n  port: ${PORT:-8080}\n",
        ])
        let overrides = ["ACTIONHERO_CONFIG_OVERRIDES": #"{"general":{"serverDescription":"from overrides"}}"#]
        let printed = try await project.hero("config", "--set", "web.port=9000", environment: overrides)
        #expect(printed.code == 0)
        #expect(printed.output.hasPrefix("# environment: development\n"))
        let lines = Dictionary(
            printed.output.split(separator: "\n").compactMap { line in
                line.firstMatch(of: /^([^ ]+): (.*?) +# (.*)$/).map { (String($0.1), "\($0.2) # \($0.3)") }
            }, uniquingKeysWith: { first, _ in first })
        #expect(lines["general.serverName"] == #""from file" # config/api.yml:2 (default)"#)
        #expect(lines["general.serverDescription"] == #""from overrides" # ACTIONHERO_CONFIG_OVERRIDES"#)
        #expect(lines["web.port"] == "9000 # --set web.port")
        #expect(lines["general.apiVersion"] == #""0.1.0" # built in"#)
        let production = try await project.hero("config", "general.serverName", "--env", "production")
        #expect(production.output.contains(#""from section"  # config/api.yml:4 (production)"#))
    }

    @Test("a secret is never printed, wherever it came from", arguments: [true, false])
    func masksSecrets(asJSON: Bool) async throws {
        let project = try TestProject(["config/billing.yml": Self.secrets])
        let environment = [
            "ACTIONHERO_CONFIG_OVERRIDES": #"{"redis":{"password":"HIDE-OVERRIDE"}}"#,
            "REDIS_URL": "redis://me:HIDE-VARIABLE@cache",
        ]
        let arguments = ["--set", "general.serverToken=HIDE-SET", "--set", #"mail={"a":{"secret":"HIDE-SET-JSON"}}"#]
        let printed = try await Program.run(
            Stage.hero, ["config"] + arguments + (asJSON ? ["--json"] : []), directory: project.root,
            environment: environment)
        #expect(printed.code == 0)
        #expect(!printed.output.contains("HIDE"))
        #expect(printed.output.contains("[MASKED]"))
        for shown in ["EUR", "password", "API_TOKEN", "blue"] { #expect(printed.output.contains("\"\(shown)\"")) }
        #expect(printed.output.contains("postgres://app:[MASKED]@db.example/shop"))
        #expect(printed.output.contains("--set general.serverToken"))
    }

    @Test("a secret that is refused is not repeated in the message")
    func keepsRefusedSecrets() async throws {
        let project = try TestProject()
        let refused = try await project.hero(
            "config", environment: ["ACTIONHERO_CONFIG_OVERRIDES": #"{"redis":{"password":["HIDE"]}}"#])
        #expect(refused.code == 78)
        #expect(refused.error.contains("redis.password must be text"))
        #expect(!refused.error.contains("HIDE"))
    }

    @Test("a prefix selects keys, and one that selects none is an error")
    func selects() async throws {
        let project = try TestProject()
        let some = try await project.hero("config", "web.limits")
        #expect(some.output.split(separator: "\n").dropFirst().allSatisfy { $0.hasPrefix("web.limits.") })
        let none = try await project.hero("config", "wbe")
        #expect(none.code == 1)
        #expect(none.error.contains("no key begins with wbe; there are cluster, errors, general, "))
    }

    @Test("a configuration that cannot be used ends every command with 78, naming file, line, key and the nearest key")
    func refuses() async throws {
        let project = try TestProject(["config/servers/web.yml": "default:\n  prot: 80\n  padding: wide\n"])
        for command in [["config"], ["start"], ["actions", "list"], ["action", "status"]] {
            let refused = try await Program.run(Stage.hero, command, directory: project.root)
            #expect(refused.code == 78)
            #expect(refused.output == "")
            #expect(
                refused.error == """
                    Error: the configuration cannot be used (2 problems):
                      config/servers/web.yml:3: web.padding must be a whole number from 0 to 10 spaces, or null, not 'wide'
                      config/servers/web.yml:2: web.prot is not a key – did you mean web.port (a port from 0 to 65535, or \
                    the path of a Unix socket)?

                    """)
        }
    }
}
