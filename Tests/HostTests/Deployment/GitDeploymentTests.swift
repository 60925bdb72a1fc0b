// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

/// A repository, a person who changes it, and a server that runs a clone of it.
private struct GitScene {
    let place: TestProject
    let cluster: RunningHero
    let port: Int

    static func start() async throws -> GitScene {
        let place = try TestProject([
            "work/.gitignore": "*.so\n/tmp/\n/log/\n/pids/\n/data/\n",
            "work/actions/greet.swift": greet("Hello"), "work/actions/old.swift": BuildCommandTests.action("Old"),
        ])
        try await Self.sh(
            """
            cd work && git init -q -b main && git add . && git commit -qm first && cd ..
            git clone -q --bare work origin.git && git -C work remote add origin "$PWD/origin.git"
            git clone -q origin.git server && cd server && hero build
            """, in: place)
        let port = try RunningCluster.freePort()
        let cluster = try RunningHero(
            ["start", "cluster", "--workers=1", "--set", "cluster.probation.duration=0"],
            directory: place.path("server"), environment: ["PORT": "\(port)", "ACTIONHERO_ENV": "production"])
        try await cluster.line(containing: "cluster equilibrium state reached")
        return GitScene(place: place, cluster: cluster, port: port)
    }

    static func greet(_ text: String) -> String {
        """
        import ActionHero

        struct Greet: Action {
            func run(_ context: Context) async throws -> [String: String] { ["greeting": "\(text)"] }
        }
        """
    }

    /// Changes the repository and says so in a commit.
    func commit(_ files: [String: String] = [:], removing removed: [String] = []) async throws {
        for (path, text) in files { try place.write(text, to: "work/\(path)") }
        for path in removed { try place.remove("work/\(path)") }
        try await Self.sh("cd work && git add -A && git commit -qm change && git push -q origin main", in: place)
    }

    func deploy() async throws -> Finished { try await Self.run("git-deploy.sh server", in: place) }

    func greeting() async throws -> String { try await SystemdTests.get("/api/greet", port).text }

    var commits: String {
        get async throws {
            try await Self.run("git -C work rev-parse HEAD~1; git -C server rev-parse HEAD", in: place).output
        }
    }

    static func run(_ script: String, in place: TestProject) async throws -> Finished {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return try await Program.run(
            "/bin/sh", ["-euc", script], directory: place.root,
            environment: [
                "PATH": "\(Stage.repository)/docs:\(Stage.root)/bin:\(path)", "HOME": place.root,
                "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a",
                "GIT_COMMITTER_EMAIL": "a@b",
            ])
    }

    static func sh(_ script: String, in place: TestProject) async throws {
        let done = try await run(script, in: place)
        try #require(done.code == 0, "\(done.error)\(done.output)")
    }
}

@Suite("deployment with git", .timeLimit(.minutes(10)))
struct GitDeploymentTests {
    @Test("what was pushed serves, and what was removed from the repository does not any more")
    func deploys() async throws {
        let scene = try await GitScene.start()
        #expect(try await SystemdTests.get("/api/old", scene.port).status == 200)
        try await scene.commit(["actions/greet.swift": GitScene.greet("Hi")], removing: ["actions/old.swift"])
        let deployed = try await scene.deploy()
        #expect(deployed.code == 0, "\(deployed.error)\(deployed.output)")
        #expect(deployed.output.contains("deleted actions/old.so\ngeneration 2 serves\ngit-deploy: "))
        #expect(try await scene.greeting().contains("Hi"))
        #expect(try await SystemdTests.get("/api/old", scene.port).status == 404)
        #expect(try await scene.cluster.stop() == 0)
    }

    @Test("what does not compile is not deployed, and files and bundles are those of the commit that runs")
    func stopsWhenBuildFails() async throws {
        let scene = try await GitScene.start()
        try await scene.commit([
            "actions/broken.swift": "import ActionHero\nlet wrong: Int = \"text\"\n",
            "actions/greet.swift": GitScene.greet("Hi"),
        ])
        let deployed = try await scene.deploy()
        #expect(deployed.code == 1)
        #expect(deployed.error.contains("git-deploy: the build has failed; back to "))
        #expect(!deployed.output.contains("serves"))
        #expect(try await scene.greeting().contains("Hello"))
        let built = try await GitScene.run("cd server && hero build", in: scene.place)
        #expect(built.output == "2 bundles: 0 built, 2 up to date\n")
        #expect(!scene.place.exists("server/actions/broken.swift"))
        let commits = try await scene.commits.split(separator: "\n")
        #expect(commits.count == 2 && commits[0] == commits[1])
        try await scene.commit(removing: ["actions/broken.swift"])
        #expect(try await scene.deploy().code == 0)
        #expect(try await scene.greeting().contains("Hi"))
        #expect(try await scene.cluster.stop() == 0)
    }

    @Test("what the cluster refuses goes back, too, and a second deploy at the same time is refused")
    func goesBackWhenRefused() async throws {
        let scene = try await GitScene.start()
        try await scene.commit(["config/api.yml": "default:\n  aipVersion: 2\n"])
        let deployed = try await scene.deploy()
        #expect(deployed.code == 1)
        #expect(deployed.error.contains("general.aipVersion is not a key"))
        #expect(deployed.error.contains("git-deploy: the cluster has refused it; back to "))
        #expect(!scene.place.exists("server/config/api.yml"))
        #expect(try await scene.greeting().contains("Hello"))
        let second = try await GitScene.run(
            "mkdir -p server/tmp; flock server/tmp/git-deploy.lock git-deploy.sh server", in: scene.place)
        #expect(second.code == 1)
        #expect(
            second.error.hasPrefix("git-deploy: another deploy is under way, or the build or reload of one that was"))
        #expect(try await scene.cluster.stop() == 0)
    }

    @Test("without a cluster what was pushed is built for the next start, and the script says that it does not serve")
    func stoppedCluster() async throws {
        let scene = try await GitScene.start()
        #expect(try await scene.cluster.stop() == 0)
        try await scene.commit(["actions/greet.swift": GitScene.greet("Hi")])
        let deployed = try await scene.deploy()
        #expect(deployed.code == 2)
        #expect(deployed.error.contains("git-deploy: no cluster runs here; this is built, start the cluster"))
        #expect(!deployed.error.contains("refused"), "\(deployed)")
        #expect(try scene.place.read("server/actions/greet.swift") == GitScene.greet("Hi"))
        let head = try await scene.commits.split(separator: "\n").last.map(String.init) ?? "?"
        #expect(try scene.place.read("server/tmp/git-deploy.commit") == head + "\n")
        let built = try await GitScene.run("cd server && hero build", in: scene.place)
        #expect(built.output == "2 bundles: 0 built, 2 up to date\n")
    }

    @Test("an interrupted deploy goes back, one that was killed is done by the next run, which knows what runs")
    func interrupted() async throws {
        let scene = try await GitScene.start()
        try await scene.commit(["actions/greet.swift": GitScene.greet("Hi")])
        #expect(try await scene.deploy().code == 0)
        let running = try scene.place.read("server/tmp/git-deploy.commit")
        #expect(try await scene.commits.contains(running))

        // A `hero` that never gets to its end: the script is told to stop, and then killed, while it builds.
        try scene.place.write(
            "#!/bin/sh\n[ \"$1\" = build ] || exec \"\(Stage.root)/bin/hero\" \"$@\"\n"
                + "[ -e \"$HOME/interrupt\" ] && { rm \"$HOME/interrupt\"; kill -TERM $PPID; exit 1; }\n"
                + "[ -e \"$HOME/kill\" ] && { rm \"$HOME/kill\"; kill -KILL $PPID; exit 1; }\n"
                + "exec \"\(Stage.root)/bin/hero\" \"$@\"\n", to: "bin/hero")
        try await scene.place.makeExecutable("bin/hero")
        try await scene.commit(["actions/greet.swift": GitScene.greet("Hey")])
        try scene.place.write("", to: "interrupt")
        let stopped = try await GitScene.run("PATH=\"$HOME/bin:$PATH\" git-deploy.sh server", in: scene.place)
        #expect(stopped.code == 1 && stopped.error.contains("git-deploy: interrupted; back to "), "\(stopped)")
        #expect(try scene.place.read("server/actions/greet.swift") == GitScene.greet("Hi"))

        try scene.place.write("", to: "kill")
        let killed = try await GitScene.run("PATH=\"$HOME/bin:$PATH\" git-deploy.sh server || echo $?", in: scene.place)
        #expect(killed.output.contains("137"), "\(killed)")
        #expect(try scene.place.read("server/actions/greet.swift") == GitScene.greet("Hey"))
        #expect(try scene.place.read("server/tmp/git-deploy.commit") == running)
        try await scene.commit(["config/api.yml": "default:\n  aipVersion: 2\n"])
        let refused = try await scene.deploy()
        #expect(refused.code == 1 && refused.error.contains("the cluster has refused it; back to "), "\(refused)")
        #expect(try scene.place.read("server/actions/greet.swift") == GitScene.greet("Hi"))
        #expect(try await scene.greeting().contains("Hi"))
        try await scene.commit(removing: ["config/api.yml"])
        #expect(try await scene.deploy().code == 0)
        #expect(try await scene.greeting().contains("Hey"))
        #expect(try await scene.cluster.stop() == 0)
    }
}
