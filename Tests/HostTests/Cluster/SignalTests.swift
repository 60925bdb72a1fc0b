// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

/// One test for each line of the tables in `docs/signals.md`.
@Suite("signals to the master")
struct MasterSignalTests {
    @Test(
        "TERM, INT and QUIT stop the cluster",
        arguments: [("SIGTERM", SIGTERM), ("SIGINT", SIGINT), ("SIGQUIT", SIGQUIT)])
    func stops(_ name: String, _ signal: Int32) async throws {
        let cluster = try await ServiceCluster.serving()
        #expect(cluster.pidfile == cluster.hero.identifier)
        let seen = cluster.seen
        cluster.hero.send(signal)
        #expect(try await cluster.hero.exitCode() == 0)
        try await cluster.line("Signal: \(name)", after: seen)
        try await cluster.line("2 workers running, waiting on stop", after: seen)
        try await cluster.line("all workers stopped", after: seen)
        #expect(cluster.project.list("pids") == [])
    }

    @Test("a second TERM does not wait for what workers have begun")
    func stopsAtOnce() async throws {
        let project = try TestProject([
            "actions/endless.swift": """
            import ActionHero

            struct Endless: Action {
                func run(_ context: Context) async throws -> [String: Bool] {
                    context.log.notice("has begun")
                    while true { try? await Task.sleep(for: .seconds(3600)) }
                }
            }
            """
        ])
        try await project.build()
        let socket = try ActivatedSocket()
        let cluster = try ServiceCluster(
            project, environment: ["PORT": "\(socket.port)", "LISTEN_FDS": "1"], sockets: [socket.descriptor])
        try await cluster.equilibrium(2)
        let client = try HTTPConnection(port: socket.port)
        try await client.send("GET /api/endless HTTP/1.1\r\nHost: localhost\r\n\r\n")
        try await cluster.line("has begun")
        cluster.hero.send(SIGTERM)
        try await cluster.line("workers running, waiting on stop")
        cluster.hero.send(SIGTERM)
        #expect(try await cluster.hero.exitCode() == 0)
        try await cluster.line("]: exited")
        #expect(try await client.readToEnd().isEmpty)
    }

    @Test("USR2 replaces one worker after the other, each new one before an old one")
    func swaps() async throws {
        let cluster = try await ServiceCluster.serving()
        let (before, seen) = (try await cluster.status().pids, cluster.seen)
        cluster.hero.send(SIGUSR2)
        try await cluster.line("swap out new workers one-by-one", after: seen)
        try await cluster.equilibrium(2, after: seen)
        let after = try await cluster.status().pids
        #expect(after.count == 2 && Set(after).isDisjoint(with: before))
        #expect(Self.fewestServing(cluster.hero.lines.dropFirst(seen), from: 2) == 2)
        #expect(try await cluster.hero.stop() == 0)
    }

    @Test("HUP replaces all workers at once, new ones before old ones")
    func reloadsAll() async throws {
        let cluster = try await ServiceCluster.serving(3)
        let (before, seen) = (try await cluster.status().pids, cluster.seen)
        cluster.hero.send(SIGHUP)
        try await cluster.line("reload all workers now", after: seen)
        try await cluster.equilibrium(3, after: seen)
        let after = try await cluster.status().pids
        #expect(after.count == 3 && Set(after).isDisjoint(with: before))
        #expect(Self.fewestServing(cluster.hero.lines.dropFirst(seen), from: 3) == 3)
        #expect(try await cluster.hero.stop() == 0)
    }

    /// The smallest number of workers that served at any moment, by the master's lines.
    private static func fewestServing(_ lines: some Sequence<String>, from start: Int) -> Int {
        var (serving, fewest) = (start, start)
        for line in lines where line.contains("[worker #") {
            if line.hasSuffix("]: started") { serving += 1 }
            if line.hasSuffix("]: stopping") { serving -= 1 }
            fewest = min(fewest, serving)
        }
        return fewest
    }

    @Test("USR1 opens the log files of master and workers again")
    func reopensLogs() async throws {
        let cluster = try await ServiceCluster.serving()
        let names = cluster.project.list("log")
        #expect(
            names == ["actionhero-worker-1-development.log", "actionhero-worker-2-development.log", "cluster.log"])
        for name in names {
            let path = cluster.project.path("log/\(name)")
            try FileManager.default.moveItem(atPath: path, toPath: "\(path).1")
        }
        cluster.hero.send(SIGUSR1)
        // Two signals at once may arrive in any order.
        try await cluster.line("Signal: SIGUSR1")
        #expect(try await cluster.hero.stop() == 0)
        #expect(try cluster.fileMessages().last == "all workers stopped")
        #expect(try cluster.fileMessages("cluster.log.1").contains(" - STARTING CLUSTER -"))
        #expect(try !cluster.fileMessages("cluster.log.1").contains("all workers stopped"))
        for name in names where name != "cluster.log" {
            #expect(try cluster.fileMessages(name).contains { $0.hasSuffix(" Stopped ***") })
            #expect(try !cluster.fileMessages("\(name).1").contains { $0.hasSuffix(" Stopped ***") })
        }
    }

    @Test("TTIN adds a worker, TTOU removes one, and there are never fewer than none")
    func scales() async throws {
        let cluster = try await ServiceCluster.serving(1)
        cluster.hero.send(SIGTTIN)
        try await cluster.line("add a worker")
        try await cluster.equilibrium(2)
        let seen = cluster.seen
        cluster.hero.send(SIGTTOU)
        try await cluster.line("remove a worker", after: seen)
        try await cluster.line("signaling worker #2 to stop", after: seen)
        try await cluster.equilibrium(1, after: seen)
        for _ in 0..<2 {
            let seen = cluster.seen
            cluster.hero.send(SIGTTOU)
            try await cluster.line("remove a worker", after: seen)
        }
        #expect(try await cluster.status().expected == 0)
        let later = cluster.seen
        cluster.hero.send(SIGTTIN)
        try await cluster.equilibrium(1, after: later)
        #expect(try await cluster.hero.stop() == 0)
    }

    @Test("WINCH drains all workers; the master and its sockets stay, and a deploy brings the workers back")
    func pauses() async throws {
        let socket = try ActivatedSocket()
        let cluster = try ServiceCluster(
            TestProject(), environment: ["PORT": "\(socket.port)", "LISTEN_FDS": "1"], sockets: [socket.descriptor])
        try await cluster.equilibrium(2)
        let seen = cluster.seen
        cluster.hero.send(SIGWINCH)
        try await cluster.line("Signal: SIGWINCH", after: seen)
        try await cluster.line("[worker #1 (", after: seen)
        while try await !cluster.status().workers.isEmpty { await Task.yield() }
        let waiting = try HTTPConnection(port: socket.port)
        try await waiting.send("GET /api/nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        cluster.hero.send(SIGUSR2)
        #expect(try await waiting.response().status == 404)
        try await cluster.equilibrium(2, after: seen)
        #expect(try await cluster.hero.stop() == 0)
    }

    @Test("WINCH means nothing where a window can be resized")
    func ignoresWindows() async throws {
        let project = try TestProject()
        try project.makeProject()
        // script(1) brings a terminal and is the master's parent.
        let command = "exec '\(Stage.hero)' start cluster --workers=1"
        let terminal = try RunningHero(
            ["-qefc", command, "/dev/null"], executable: "script", directory: project.root,
            environment: ["PROJECT_ROOT": project.root, "PORT": "0", "SHELL": "/bin/sh"])
        try await terminal.line(containing: "cluster equilibrium state reached with 1 workers")
        let master = try #require(Int32(try project.read("pids/cluster_pidfile")))
        kill(master, SIGWINCH)
        kill(master, SIGTTIN)
        try await terminal.line(containing: "cluster equilibrium state reached with 2 workers")
        kill(master, SIGTERM)
        try await terminal.line(containing: "all workers stopped")
        #expect(!terminal.lines.contains { $0.contains("SIGWINCH") })
        try await terminal.exitCode()
    }

    @Test("CHLD and PIPE from outside mean nothing; a child that ended is noticed and replaced")
    func reaps() async throws {
        let cluster = try await ServiceCluster.serving()
        let (before, seen) = (try await cluster.status().pids, cluster.seen)
        cluster.hero.send(SIGCHLD)
        cluster.hero.send(SIGPIPE)
        kill(before[0], SIGKILL)
        try await cluster.line("(\(before[0]))]: killed by SIGKILL", after: seen)
        try await cluster.equilibrium(2, after: seen)
        #expect(try await cluster.status().pids.contains(before[1]))
        #expect(try await cluster.hero.stop() == 0)
    }

    @Test("RTMIN replaces the executable: the same process, and then new workers")
    func upgrades() async throws {
        let cluster = try await ServiceCluster.serving()
        let (before, seen) = (try await cluster.status().pids, cluster.seen)
        cluster.hero.send(upgradeSignal())
        try await cluster.line("Signal: SIGRTMIN", after: seen)
        try await cluster.line("the new executable has taken over", after: seen)
        try await cluster.equilibrium(2, after: seen)
        #expect(cluster.pidfile == cluster.hero.identifier)
        #expect(Set(try await cluster.status().pids).isDisjoint(with: before))
        #expect(try await cluster.hero.stop() == 0)
    }

    @Test("the page names every signal that is tested here")
    func isDocumented() throws {
        let page = try Stage.text("docs/signals.md")
        let names = [
            "TERM", "INT", "QUIT", "USR2", "HUP", "USR1", "TTIN", "TTOU", "WINCH", "CHLD", "PIPE", "RTMIN", "KILL",
        ]
        for name in names { #expect(page.contains("`\(name)`"), "\(name)") }
    }

    /// A macro in C that Swift does not import.
    private func upgradeSignal() -> Int32 { 34 }
}

@Suite("signals to a worker")
struct WorkerSignalTests {
    /// Waits for the replacement of a worker.
    private func replaced(_ cluster: ServiceCluster, _ pid: Int32, after seen: Int) async throws {
        try await cluster.line("(\(pid))]: exited", after: seen)
        try await cluster.equilibrium(1, after: seen)
        let now = try await cluster.status().pids
        #expect(now.count == 1 && now != [pid])
        #expect(try await cluster.hero.stop() == 0)
    }

    @Test("TERM and INT stop it gracefully, and another takes its place", arguments: [SIGTERM, SIGINT])
    func stops(_ signal: Int32) async throws {
        let cluster = try await ServiceCluster.serving(1)
        let (pid, seen) = (try #require(try await cluster.status().pids.first), cluster.seen)
        kill(pid, signal)
        try await cluster.line("(\(pid))]: stopped", after: seen)
        try await replaced(cluster, pid, after: seen)
        #expect(!cluster.hero.lines.contains { $0.contains("killed by") || $0.contains("uncaught exception") })
    }

    @Test("what is meant for the master is ignored")
    func ignores() async throws {
        let cluster = try await ServiceCluster.serving(1)
        let (pid, seen) = (try #require(try await cluster.status().pids.first), cluster.seen)
        for signal in [SIGUSR2, SIGHUP, SIGTTIN, SIGTTOU, SIGWINCH, SIGPIPE, SIGCHLD, 34] { kill(pid, signal) }
        // The first of them to have had an effect would be seen before this one's.
        kill(pid, SIGTERM)
        try await cluster.line("(\(pid))]: stopped", after: seen)
        try await replaced(cluster, pid, after: seen)
        #expect(!cluster.hero.lines.contains { $0.contains("killed by") || $0.contains("uncaught exception") })
    }

    @Test("a worker that only just starts ignores it, too")
    func ignoresFromTheBeginning() async throws {
        let cluster = try await ServiceCluster.serving(1)
        let seen = cluster.seen
        cluster.hero.send(SIGTTIN)
        try await cluster.line("starting worker #2", after: seen)
        // All children of the master, whatever they have got to.
        let tasks = try String(
            contentsOfFile: "/proc/\(cluster.hero.identifier)/task/\(cluster.hero.identifier)/children", encoding: .utf8
        )
        for pid in tasks.split(separator: " ").compactMap({ Int32($0) }) {
            for signal in [SIGUSR2, SIGHUP, SIGTTIN, SIGTTOU, 34] { kill(pid, signal) }
        }
        try await cluster.equilibrium(2, after: seen)
        #expect(!cluster.hero.lines.contains { $0.contains("ended by signal") || $0.contains("uncaught exception") })
        #expect(try await cluster.hero.stop() == 0)
    }

    @Test("USR1 opens its own log file again")
    func reopensLog() async throws {
        let cluster = try await ServiceCluster.serving(1)
        let pid = try #require(try await cluster.status().pids.first)
        let path = cluster.project.path("log/actionhero-worker-1-development.log")
        try FileManager.default.moveItem(atPath: path, toPath: "\(path).1")
        kill(pid, SIGUSR1)
        while !FileManager.default.fileExists(atPath: path) { await Task.yield() }
        #expect(try await cluster.hero.stop() == 0)
        #expect(
            try cluster.fileMessages("actionhero-worker-1-development.log").contains { $0.hasSuffix(" Stopped ***") })
    }

    @Test("QUIT makes it write a backtrace and end, KILL makes it end", arguments: [SIGQUIT, SIGKILL])
    func ends(_ signal: Int32) async throws {
        let cluster = try await ServiceCluster.serving(1)
        let (pid, seen) = (try #require(try await cluster.status().pids.first), cluster.seen)
        kill(pid, signal)
        let text = signal == SIGKILL ? "killed by SIGKILL" : "uncaught exception => "
        try await cluster.line("(\(pid))]: \(text)", after: seen)
        try await replaced(cluster, pid, after: seen)
    }
}
