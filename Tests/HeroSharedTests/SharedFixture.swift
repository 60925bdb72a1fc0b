// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroRedis
import HeroRuntime
import HeroTestSupport
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import HeroShared

/// Log lines in memory.
final class CollectedLog: LogHost {
    private let all = Mutex<[String]>([])

    var lines: [String] { all.withLock { $0 } }
    func isEnabled(_ level: LogLevel) -> Bool { true }
    func write(level: LogLevel, message: String, data: [(name: String, value: JSON)]) {
        let fields = data.map { " \($0.name)=\($0.value.stringValue ?? $0.value.description)" }.joined()
        all.withLock { $0.append("\(level.name): \(message)\(fields)") }
    }

    func lines(containing text: String) -> [String] { lines.filter { $0.contains(text) } }
}

/// What one process shares with others, without the process.
final class Member: Sendable {
    let services: SharedServices
    let log: CollectedLog
    let client: (any RedisClient)?
    let connections = ConnectionDirectory()

    // The limit for commands is in milliseconds.
    convenience init(
        _ settings: SharedSettings, _ server: RedisServer?, time: Timekeeper = .system, commandTimeout: Int = 30_000
    ) {
        let client = server.map { server in
            var connection = RedisConnectionSettings(.unix(path: server.socketPath))
            connection.commandTimeout = commandTimeout
            return StandaloneClient(connection, on: NIOSingletons.posixEventLoopGroup.next())
        }
        self.init(settings, client: client, time: time)
    }

    init(_ settings: SharedSettings, client: (any RedisClient)?, time: Timekeeper = .system) {
        let log = CollectedLog()
        self.log = log
        self.client = client
        services = SharedServices(
            settings, clients: client.map { RedisClients($0) }, log: log, time: time,
            connections)
    }

    var cache: Cache { Cache(host: services.cache, lockName: services.settings.id) }
    var locks: Locks { Locks(host: services.locks) }
    var rpc: RPC { RPC(host: services.rpc) }
    var redis: Redis { Redis(host: services.redis) }

    func close() async {
        await services.stop()
        await client?.close()
    }
}

/// Where keys are, for tests of what has to be the same everywhere.
enum Backend: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case redis, local

    var testDescription: String { rawValue }

    /// Runs a test with a process of its own, and an empty Redis where it needs one.
    func run(_ test: (Member) async throws -> Void) async throws {
        let project = try TestProject(["config/.keep": ""])
        let server = self == .redis ? try await RedisServer(.socket) : nil
        var settings = SharedSettings(id: "node-a", projectRoot: project.root)
        // On a busy machine a task may not get to run for seconds.
        settings.lockDuration = 600_000
        let member = Member(settings, server)
        try await member.services.start()
        do { try await test(member) } catch {
            await member.close()
            throw error
        }
        await member.close()
    }
}

/// Several processes on one Redis.
struct Members {
    let server: RedisServer
    let all: [Member]
    let project: TestProject

    init(
        _ ids: [String] = ["node-a", "node-b"], settings change: (inout SharedSettings) -> Void = { _ in }
    ) async throws {
        project = try TestProject(["config/.keep": ""])
        server = try await RedisServer(.socket)
        let (server, root) = (server, project.root)
        all = ids.map { id in
            var settings = SharedSettings(id: id, projectRoot: root)
            settings.lockDuration = 600_000
            change(&settings)
            return Member(settings, server)
        }
        for member in all { try await member.services.start() }
    }

    subscript(index: Int) -> Member { all[index] }
    func close() async { for member in all { await member.close() } }
}

/// Lets tasks wait for something that another does.
final class Signal: Sendable {
    private struct State {
        var isSet = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func set() {
        let waiting = state.withLock { state in
            state.isSet = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isSet = state.withLock { state in
                if !state.isSet { state.waiting.append(continuation) }
                return state.isSet
            }
            if isSet { continuation.resume() }
        }
    }
}
