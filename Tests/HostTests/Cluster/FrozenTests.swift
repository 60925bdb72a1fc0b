// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("processes that somebody has stopped", .timeLimit(.minutes(10)))
struct FrozenTests {
    private static let redis = ["REDIS_ENABLED": "true", "LOG_LEVEL": "info"]

    @Test("a guard of the embedded Redis that stands still does not keep the cluster from stopping")
    func guardian() async throws {
        let cluster = try await RunningCluster.start(
            workers: 1, project: try await RedisBundles.project(), environment: Self.redis)
        let guardian = try #require(
            ProcessTable.children(of: cluster.master.identifier).first {
                let words = (try? String(contentsOfFile: "/proc/\($0)/cmdline", encoding: .utf8)) ?? ""
                return words.contains("hero-redis-guard")
            })
        kill(guardian, SIGSTOP)
        #expect(try await cluster.command("stop").code == 0)
        #expect(try await cluster.master.exitCode() == 0)
        #expect(!ProcessTable.isAlive(guardian))
    }

    @Test("a redis-server that stands still is told of, also that it goes on, and it can be stopped")
    func server() async throws {
        let cluster = try await RunningCluster.start(
            workers: 1, project: try await RedisBundles.project(), environment: Self.redis)
        let server = try RedisHero.server(of: cluster.master)
        #expect(try await cluster.request("/api/keep?key=a&value=1").status == 200)
        kill(server, SIGSTOP)
        try await cluster.master.line(containing: "redis-server (\(server)) has not answered for ")
        kill(server, SIGCONT)
        try await cluster.master.line(containing: "redis-server (\(server)) answers again")
        kill(server, SIGSTOP)
        #expect(try await cluster.command("stop").code == 0)
        #expect(try await cluster.master.exitCode() == 0)
        #expect(!cluster.master.lines.contains { $0.contains("it is killed") })
    }

    @Test("`hero cluster stop` says which worker it waits for when somebody has stopped that")
    func worker() async throws {
        let cluster = try await RunningCluster.start(
            workers: 1, environment: ["ACTIONHERO_SHUTDOWN_TIMEOUT": "3000"])
        let pid = try #require(try await cluster.workers.first)
        kill(pid, SIGSTOP)
        let stopped = try await cluster.command("stop")
        #expect(stopped.code == 0 && stopped.output == "all workers stopped\n", "\(stopped)")
        #expect(stopped.error.contains("waiting for worker #1 (\(pid)), whose process somebody has stopped"))
        #expect(stopped.error.contains("it is killed in "), "\(stopped)")
        #expect(try await cluster.master.exitCode() == 0)
    }

    @Test("a master that stands still keeps no command waiting for ever", arguments: ["reload --wait", "status"])
    func master(command: String) async throws {
        let cluster = try await RunningCluster.start(workers: 1)
        cluster.master.send(SIGSTOP)
        let words = command.split(separator: " ").map(String.init)
        let asked = try await Program.run(
            Stage.hero, ["cluster"] + words, directory: cluster.project.root,
            environment: ["PROJECT_ROOT": cluster.project.root])
        #expect(asked.code == 1 && asked.error.contains("is its process stopped?"), "\(asked)")
        cluster.master.send(SIGCONT)
        #expect(try await cluster.stop() == 0)
    }

    @Test("a command that waits for longer than a master may be silent gets its answer")
    func heartbeat() async throws {
        let cluster = try await RunningCluster.start(workers: 1)
        let lock = open(cluster.project.path("tmp/generations/lock"), O_RDWR | O_CLOEXEC)
        #expect(flock(lock, LOCK_EX | LOCK_NB) == 0)
        let socket = try Self.connect(to: cluster)
        defer { close(socket) }
        let request = Array("{\"command\":\"reload\",\"wait\":true}\n".utf8)
        #expect(write(socket, request, request.count) == request.count)
        var byte: UInt8 = 0
        #expect(read(socket, &byte, 1) == 1 && byte == UInt8(ascii: "\n"), "a sign of life comes before the answer")
        close(lock)
        while byte == UInt8(ascii: "\n"), read(socket, &byte, 1) == 1 {}
        #expect(byte == UInt8(ascii: "{"))
        #expect(try await cluster.stop() == 0)
    }

    @Test("clients that say nothing lose their places to one that does")
    func silent() async throws {
        let cluster = try await RunningCluster.start(workers: 1)
        let silent = try (0..<64).map { _ in try Self.connect(to: cluster) }
        defer { for descriptor in silent { close(descriptor) } }
        #expect(try await cluster.command("status").code == 0)
        #expect(try await cluster.stop() == 0)
    }

    /// To the master's socket, whatever its path's length.
    private static func connect(to cluster: RunningCluster) throws -> Int32 {
        let directory = open(cluster.project.path("tmp"), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { close(directory) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = Array("/proc/self/fd/\(directory)/cluster.sock".utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let code = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(code == 0)
        return descriptor
    }
}
