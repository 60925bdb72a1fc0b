// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("a cluster under systemd")
struct SystemdTests {
    private static func isReady(_ message: [String: String]) -> Bool { message["READY"] == "1" }
    private static func isReloading(_ message: [String: String]) -> Bool { message["RELOADING"] == "1" }

    private static func cluster(
        _ notify: NotifySocket, in project: TestProject, workers: Int = 2, environment: [String: String] = [:]
    ) throws -> ServiceCluster {
        try ServiceCluster(
            project, workers: workers, environment: ["NOTIFY_SOCKET": notify.name].merging(environment) { $1 })
    }

    @Test("it is ready when all workers serve, and not before", arguments: [false, true])
    func isReadyWhenServing(isAbstract: Bool) async throws {
        let project = try TestProject()
        let notify = try NotifySocket(isAbstract ? "@hero-tests-\(UUID().uuidString)" : project.path("notify"))
        let cluster = try Self.cluster(notify, in: project, workers: 3)
        let first = try #require(try await notify.messages(until: Self.isReady).last)
        #expect(first["STATUS"] == "3 of 3 workers serve generation 1")
        #expect(try await cluster.status().pids.count == 3)
        #expect(try await cluster.hero.stop() == 0)
    }

    @Test("a deploy is a reload that ends when the new workers serve")
    func reloads() async throws {
        let project = try TestProject()
        let notify = try NotifySocket(project.path("notify"))
        let cluster = try Self.cluster(notify, in: project)
        _ = try await notify.messages(until: Self.isReady)
        let before = try await cluster.status().pids
        cluster.hero.send(SIGUSR2)
        let beginning = try await notify.messages(until: Self.isReloading)
        #expect(beginning.last?["MONOTONIC_USEC"].flatMap { Int($0) } ?? 0 > 0)
        #expect(beginning.allSatisfy { !Self.isReady($0) })
        let end = try #require(try await notify.messages(until: Self.isReady).last)
        #expect(end["STATUS"]?.hasPrefix("2 of 2 workers serve generation") == true)
        let after = try await cluster.status().pids
        #expect(after.count == 2 && Set(after).isDisjoint(with: before))
        #expect(try await cluster.hero.stop() == 0)
    }

    @Test("a rejected deploy ends the reload too, and the status says so")
    func endsRejectedReload() async throws {
        let project = try TestProject()
        let notify = try NotifySocket(project.path("notify"))
        let cluster = try Self.cluster(notify, in: project)
        _ = try await notify.messages(until: Self.isReady)
        let before = try await cluster.status().pids
        try project.write("default:\n  port: [", to: "config/servers/web.yml")
        cluster.hero.send(SIGUSR2)
        _ = try await notify.messages(until: Self.isReloading)
        let end = try #require(try await notify.messages(until: Self.isReady).last)
        #expect(end["STATUS"]?.hasSuffix("; last deploy rejected") == true)
        #expect(try await cluster.status().pids == before)
        #expect(try await cluster.hero.stop() == 0)
    }

    @Test("it says when it stops")
    func saysWhenItStops() async throws {
        let project = try TestProject()
        let notify = try NotifySocket(project.path("notify"))
        let cluster = try Self.cluster(notify, in: project)
        _ = try await notify.messages(until: Self.isReady)
        cluster.hero.send(SIGTERM)
        #expect(try await notify.messages { $0["STOPPING"] == "1" }.last?["STATUS"] == "stopping")
        #expect(try await cluster.hero.exitCode() == 0)
    }

    @Test("the status is a line that a person can read, and follows what happens to workers")
    func tellsStatus() async throws {
        let project = try TestProject()
        let notify = try NotifySocket(project.path("notify"))
        let cluster = try Self.cluster(notify, in: project)
        _ = try await notify.messages(until: Self.isReady)
        kill(try #require(try await cluster.status().pids.first), SIGKILL)
        _ = try await notify.messages { $0["STATUS"]?.hasPrefix("1 of 2 workers serve generation 1") == true }
        _ = try await notify.messages { $0["STATUS"] == "2 of 2 workers serve generation 1" }
        cluster.hero.send(SIGWINCH)
        _ = try await notify.messages { $0["STATUS"] == "paused: no worker serves, connections wait" }
        #expect(try await cluster.hero.stop() == 0)
    }

    @Test("the watchdog is fed while nothing else happens")
    func feedsWatchdog() async throws {
        let project = try TestProject()
        let notify = try NotifySocket(project.path("notify"))
        let cluster = try Self.cluster(notify, in: project, environment: ["WATCHDOG_USEC": "400000"])
        _ = try await notify.messages(until: Self.isReady)
        for _ in 0..<5 { _ = try await notify.messages { $0 == ["WATCHDOG": "1"] } }
        #expect(try await cluster.hero.stop() == 0)
    }

    @Test("a watchdog that belongs to another process is not fed")
    func leavesForeignWatchdog() async throws {
        let project = try TestProject()
        let notify = try NotifySocket(project.path("notify"))
        let cluster = try Self.cluster(
            notify, in: project, environment: ["WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1"])
        let messages = try await notify.messages(until: Self.isReady)
        #expect(messages.allSatisfy { $0["WATCHDOG"] == nil })
        #expect(try await cluster.hero.stop() == 0)
    }

    @Test("workers know nothing of it")
    func hidesVariables() async throws {
        let project = try TestProject([
            "actions/variables.swift": """
            import ActionHero
            import Glibc

            struct Variables: Action {
                func run(_ context: Context) async throws -> [String: [String]] {
                    let names = ["LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "NOTIFY_SOCKET", "WATCHDOG_USEC",
                        "WATCHDOG_PID", "HERO_WORKER", "PROJECT_ROOT"]
                    return ["names": names.filter { getenv($0) != nil }]
                }
            }
            """
        ])
        try await project.build()
        let (notify, socket) = (try NotifySocket(project.path("notify")), try ActivatedSocket())
        let cluster = try ServiceCluster(
            project, workers: 1,
            environment: [
                "NOTIFY_SOCKET": notify.name, "WATCHDOG_USEC": "1000000", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "web",
            ], sockets: [socket.descriptor])
        try await cluster.equilibrium(1)
        let answer = try await Self.get("/api/variables", socket.port).text
        #expect(answer.replacing(#/\s/#, with: "").contains(#""names":["PROJECT_ROOT"]"#), "\(answer)")
        #expect(try await cluster.hero.stop() == 0)
    }

    // MARK: Units

    @Test("the units in the documentation are what systemd understands")
    func verifiesUnits() async throws {
        let analyze = try await Program.run("sh", ["-c", "command -v systemd-analyze || true"], directory: "/").output
        // Other systems have other service managers.
        guard !analyze.isEmpty else { return }
        let unit = try Stage.text("docs/hero.service")
        #expect(unit.contains("\nType=notify\n") && unit.contains("\nRestartPreventExitStatus=78\n"))
        let project = try TestProject([
            "hero.service": unit.replacing("/opt/hero/bin/hero", with: Stage.hero).replacing("/srv/shop", with: "/"),
            "hero.socket": try Stage.text("docs/hero.socket"),
        ])
        let verified = try await Program.run(
            "systemd-analyze",
            ["verify", "--man=no", project.path("hero.service"), project.path("hero.socket")], directory: project.root)
        #expect(verified.code == 0)
        #expect(verified.error == "")
    }

    static func get(_ target: String, _ port: Int) async throws -> HTTPResponse {
        let connection = try HTTPConnection(port: port)
        try await connection.send("GET \(target) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return try await connection.response()
    }
}

@Suite("a cluster with sockets from systemd")
struct SocketActivationTests {
    private static func cluster(
        _ sockets: [ActivatedSocket], names: String? = nil, settings: [String] = [], environment: [String: String]
    ) throws -> ServiceCluster {
        var all = environment
        all["LISTEN_FDS"] = String(sockets.count)
        all["LISTEN_FDNAMES"] = names
        return try ServiceCluster(
            TestProject(), settings: settings, environment: all, sockets: sockets.map(\.descriptor))
    }

    @Test("a socket with the name of a server is that server's, whatever its address")
    func matchesNames() async throws {
        let (other, web) = (try ActivatedSocket(), try ActivatedSocket())
        let cluster = try Self.cluster([other, web], names: "metrics:web", environment: ["PORT": "0"])
        try await cluster.equilibrium(2)
        #expect(try await SystemdTests.get("/api/nothing", web.port).status == 404)
        try await cluster.line("no server uses the socket `metrics` that was handed over by systemd")
        #expect(try await cluster.hero.stop() == 0)
    }

    @Test("a socket without a server's name is found by its address", arguments: [nil, "hero.socket"])
    func matchesAddresses(names: String?) async throws {
        let web = try ActivatedSocket()
        let cluster = try Self.cluster([web], names: names, environment: ["PORT": "\(web.port)"])
        try await cluster.equilibrium(2)
        #expect(try await SystemdTests.get("/api/nothing", web.port).status == 404)
        #expect(try await cluster.hero.stop() == 0)
    }

    @Test("a client that came before the first worker is answered")
    func answersEarlyClients() async throws {
        let web = try ActivatedSocket()
        let early = try HTTPConnection(port: web.port)
        try await early.send("GET /api/nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        let cluster = try Self.cluster([web], names: "web", environment: ["PORT": "0"])
        #expect(try await early.response().status == 404)
        #expect(try await cluster.hero.stop() == 0)
    }

    @Test("the file of a socket of systemd's stays when the cluster stops")
    func leavesFile() async throws {
        let directory = try TestProject()
        let web = try ActivatedSocket(path: directory.path("web.sock"))
        let cluster = try Self.cluster([web], environment: ["PORT": directory.path("web.sock")])
        try await cluster.equilibrium(2)
        #expect(try await cluster.hero.stop() == 0)
        #expect(directory.exists("web.sock"))
    }

    @Test("a socket that one generation does not use is there for the next")
    func keepsUnusedSocket() async throws {
        let web = try ActivatedSocket()
        let cluster = try Self.cluster(
            [web], settings: ["cluster.probation.duration=0"], environment: ["PORT": "\(web.port)"])
        try await cluster.equilibrium(2)
        for enabled in [false, true, false, true] {
            try cluster.project.write("default:\n  enabled: \(enabled)\n", to: "config/servers/web.yml")
            let done = try await cluster.project.hero("cluster", "reload", "--wait")
            #expect(done.code == 0, "\(done.error)")
        }
        #expect(try await SystemdTests.get("/api/nothing", web.port).status == 404)
        #expect(try await cluster.hero.stop() == 0)
    }

    @Test("sockets for another process are left alone")
    func checksProcess() async throws {
        let web = try ActivatedSocket()
        let cluster = try Self.cluster([web], environment: ["PORT": "\(web.port)", "LISTEN_PID": "1"])
        #expect(try await cluster.hero.exitCode() == 1)
        #expect(cluster.hero.lines.contains { $0.contains("EADDRINUSE") })
    }

    @Test("a new executable goes on with them")
    func survivesUpgrade() async throws {
        let (spare, web) = (try ActivatedSocket(), try ActivatedSocket())
        let cluster = try Self.cluster(
            [spare, web], settings: ["cluster.probation.duration=0"], environment: ["PORT": "\(web.port)"])
        try await cluster.equilibrium(2)
        let seen = cluster.seen
        let upgraded = try await cluster.project.hero("cluster", "upgrade")
        #expect(upgraded.code == 0, "\(upgraded.error)")
        try await cluster.line("the new executable has taken over", after: seen)
        #expect(try await SystemdTests.get("/api/nothing", web.port).status == 404)
        #expect(try await cluster.hero.stop() == 0)
    }
}
