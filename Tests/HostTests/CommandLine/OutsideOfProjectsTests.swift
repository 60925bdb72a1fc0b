// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport
import Testing

@Suite("outside of a project")
struct OutsideOfProjectsTests {
    @Test(
        "what would write there is refused with the remedy, and nothing is written",
        arguments: [
            "start", "start cluster --workers=1", "start cluster --daemon", "start --set web.port=0", "action status",
            "generate action greet", "build", "test",
        ])
    func refuses(_ command: String) async throws {
        let directory = try TestProject(["letters/mine.txt": "mine"])
        let words = command.split(separator: " ").map(String.init)
        let refused = try await Program.run(Stage.hero, words, directory: directory.root)
        #expect(refused.code == (words[0] == "start" ? 78 : 1))
        #expect(refused.error.contains("is no project of hero: it has none of the directories config, "))
        #expect(refused.error.contains("`hero new NAME` makes a new project."))
        #expect(directory.list("") == ["letters"])
    }

    @Test("a PROJECT_ROOT that is wrong is named, and not made")
    func namesRoot() async throws {
        let directory = try TestProject()
        let refused = try await Program.run(
            Stage.hero, ["start"], directory: directory.root, environment: ["PROJECT_ROOT": directory.path("shpo")])
        #expect(refused.code == 78)
        #expect(refused.error.contains("/shpo is no directory"))
        #expect(refused.error.contains("correct PROJECT_ROOT"))
        #expect(directory.list("") == [])
    }

    @Test("what only looks leaves nothing behind", arguments: ["actions", "config", "bundle check", "cluster status"])
    func looks(_ command: String) async throws {
        let directory = try TestProject()
        let words = command.split(separator: " ").map(String.init)
        _ = try await Program.run(Stage.hero, words, directory: directory.root)
        #expect(directory.list("") == [])
    }

    @Test("an environment that no section names is said, with what was meant; one that has a section is not")
    func saysUnknownEnvironment() async throws {
        let project = try TestProject(["config/api.yml": "default: {}\nstaging:\n  apiVersion: 2\nrole.web: {}\n"])
        let unknown = try await project.hero("config", "web.port", environment: ["ACTIONHERO_ENV": "prodction"])
        #expect(unknown.code == 0)
        #expect(
            unknown.error.contains(
                "ACTIONHERO_ENV is prodction, and no section of the configuration is called that – did you mean "
                    + "production? What `default` says is in force"))
        for name in ["staging", "production", "test", "development"] {
            #expect(try await project.hero("config", "web.port", environment: ["NODE_ENV": name]).error == "")
        }
        let role = try await project.hero("config", "web.port", environment: ["ACTIONHERO_ROLE": "wbe"])
        #expect(role.error.contains("ACTIONHERO_ROLE is wbe") && role.error.contains("did you mean web?"))
        #expect(try await project.hero("config", "web.port", environment: ["ACTIONHERO_ROLE": "web"]).error == "")
        let flag = try await project.hero("config", "--env", "prod", "web.port")
        #expect(flag.error.contains("--env is prod"))
    }

    @Test("a cluster says it once, not once per worker")
    func saysItOnce() async throws {
        let project = try TestProject()
        let cluster = try ServiceCluster(project, workers: 2, environment: ["ACTIONHERO_ENV": "stagign"])
        try await cluster.equilibrium(2)
        #expect(cluster.hero.lines.filter { $0.contains("ACTIONHERO_ENV is stagign") }.count == 1)
        #expect(try await cluster.hero.stop() == 0)
    }

    struct Typo: Sendable, CustomTestStringConvertible {
        let typed: String
        let meant: String
        var testDescription: String { typed }
    }

    @Test(
        "a mistyped command is refused with the one that was meant, at every depth, and does nothing",
        arguments: [
            Typo(typed: "strat", meant: "start"), Typo(typed: "start clustr", meant: "hero start cluster"),
            Typo(typed: "cluster stauts", meant: "hero cluster status"),
            Typo(typed: "generate acton", meant: "hero generate action"),
            Typo(typed: "generate acton greet", meant: "hero generate action"),
            Typo(typed: "bundle inspekt x.so", meant: "hero bundle inspect"),
            Typo(typed: "redis docter", meant: "hero redis doctor"),
            Typo(typed: "actions lst", meant: "hero actions list"),
            Typo(typed: "help clutser", meant: "cluster"),
        ])
    func suggests(_ typo: Typo) async throws {
        let directory = try TestProject()
        let words = typo.typed.split(separator: " ").map(String.init)
        let refused = try await Program.run(Stage.hero, words, directory: directory.root)
        #expect(refused.code == 64)
        #expect(refused.output == "")
        #expect(refused.error.contains("did you mean `\(typo.meant)`?"))
        #expect(directory.list("") == [])
    }
}
