// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

/// What only root may try.
enum Privileges {
    static let areRoots = geteuid() == 0

    /// Whether a program is installed; other systems have other ones.
    static func have(_ program: String) -> Bool {
        ["/usr/bin", "/usr/sbin", "/bin", "/sbin"].contains { access("\($0)/\(program)", X_OK) == 0 }
    }
}

@Suite("a service user", .timeLimit(.minutes(10)))
struct ServiceUserTests {
    /// Of the unit, `ReadWritePaths=`, relative to the project.
    private static var writable: [String] {
        get throws {
            let unit = try Stage.text("docs/hero.service")
            let line = try #require(unit.split(separator: "\n").first { $0.hasPrefix("ReadWritePaths=") })
            return line.dropFirst("ReadWritePaths=".count).split(separator: " ").map {
                String($0.dropFirst("/srv/shop/".count))
            }
        }
    }

    @Test(
        "a user who may write the four directories of the unit, and nothing else, without more rights, serves and deploys",
        .enabled(if: Privileges.areRoots && Privileges.have("setpriv"), "needs root, and setpriv"))
    func needsFourDirectories() async throws {
        #expect(try Self.writable == ["data", "log", "pids", "tmp"])
        let project = try TestProject(["actions/one.swift": BuildCommandTests.action("One")])
        try await project.build()
        // Made by the build, as root.
        try project.remove("tmp")
        for directory in try Self.writable {
            let path = project.path(directory)
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            #expect(chown(path, 65534, 65534) == 0 && chmod(path, 0o750) == 0)
        }
        let user = ["--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs", "--bounding-set=-all"]
        let port = try RunningCluster.freePort()
        let cluster = try RunningHero(
            user + [Stage.hero, "start", "cluster", "--workers=1", "--set", "cluster.probation.duration=0"],
            executable: "setpriv", directory: "/",
            environment: ["PROJECT_ROOT": project.root, "PORT": "\(port)", "REDIS_ENABLED": "true", "HOME": "/"])
        try await cluster.line(containing: "cluster equilibrium state reached")
        #expect(try await SystemdTests.get("/api/one", port).status == 200)
        let reloaded = try await Program.run(
            "setpriv", user + [Stage.hero, "cluster", "reload", "--wait"], directory: "/",
            environment: ["PROJECT_ROOT": project.root, "HOME": "/"])
        #expect(reloaded.code == 0, "\(reloaded.error)")
        #expect(try await cluster.stop() == 0)
        #expect(project.list("") == ["actions", "data", "log", "pids", "tmp"])
    }

    @Test("root copies what was built without a compiler in PATH, as sudo has it")
    func installsWithoutCompiler() async throws {
        let tree = try TestProject()
        let installed = try await Program.run(
            "/usr/bin/make", ["install-tree", "STAGE=\(Stage.root)", "PREFIX=\(tree.path("hero"))"],
            directory: Stage.repository, environment: ["PATH": "/usr/bin:/bin"])
        #expect(installed.code == 0, "\(installed.error)")
        #expect(tree.list("hero/lib/swift/linux").contains("libswiftCore.so"))
        #expect(tree.list("hero/libexec/swift/linux") == ["swift-backtrace"])
    }

    @Test("the unit takes rights away, and leaves descriptors")
    func isConfined() throws {
        let unit = try Stage.text("docs/hero.service")
        for line in [
            "NoNewPrivileges=yes", "ProtectSystem=strict", "PrivateTmp=yes", "UMask=0027", "LimitNOFILE=65536",
            "Environment=PROJECT_ROOT=/srv/shop",
        ] {
            #expect(unit.contains("\n\(line)\n"))
        }
    }

    @Test(
        "logrotate with the example renames the log files, and everybody goes on in new ones",
        .enabled(if: Privileges.areRoots && Privileges.have("logrotate"), "needs root, and logrotate"))
    func rotates() async throws {
        let project = try TestProject(["actions/one.swift": BuildCommandTests.action("One")])
        try await project.build()
        let port = try RunningCluster.freePort()
        let cluster = try RunningHero(
            ["start", "cluster", "--workers=1"], directory: project.root,
            environment: ["PROJECT_ROOT": project.root, "PORT": "\(port)", "ACTIONHERO_ENV": "production"])
        try await cluster.line(containing: "cluster equilibrium state reached")
        let example = try Stage.text("docs/hero.logrotate").replacing("/srv/shop", with: project.root)
        try project.write(example.replacing("su shop shop", with: "su root root"), to: "logrotate.conf")
        let path = project.path("log")
        #expect(chmod(path, 0o755) == 0)
        func rotate() async throws -> Finished {
            try await Program.run(
                "/usr/sbin/logrotate", ["-f", "-s", project.path("state"), project.path("logrotate.conf")],
                directory: project.root)
        }
        let rotated = try await rotate()
        #expect(rotated.code == 0, "\(rotated.error)")
        let worker = "log/actionhero-worker-1-production.log"
        while !project.exists(worker) || !project.exists("log/cluster.log") { await Task.yield() }
        #expect(project.exists("\(worker).1") && project.exists("log/cluster.log.1"))
        _ = try await SystemdTests.get("/api/one", port)
        while !(try project.read(worker).contains("\"action\":\"one\"")) { await Task.yield() }
        #expect(!(try project.read("\(worker).1").contains("\"action\":\"one\"")))
        #expect(try await cluster.stop() == 0)
        // A machine whose cluster is stopped, or was killed, rotates its logs as well, and signals nobody.
        #expect(try await rotate().code == 0)
        try project.write("\(getpid())", to: "pids/cluster_pidfile")
        #expect(try await rotate().code == 0)
    }
}
