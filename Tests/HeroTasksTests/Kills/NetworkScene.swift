// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroRedis
import HeroTestSupport
import NIOPosix
import Testing

@testable import HeroTasks

/// What the network does to the connection of a process with Redis.
enum NetworkFault: String, Sendable, CaseIterable {
    /// Redis does not get what is asked of it.
    case cutRequest
    /// Redis has done it, and the process does not hear of it.
    case cutReply
    /// For a moment.
    case pause
    /// For longer than a lease: others take over, and the process goes on later.
    case stall
    /// Both ends believe that the connection is there.
    case halfOpen
    case cutAll
}

/// Two processes that work on the same jobs, one of them behind a bad network.
final class NetworkScene: Sendable {
    private let fixture: JobFixture
    private let fault: NetworkFault
    private let seed: Int
    private let history = JobHistory()

    init(_ fixture: JobFixture, _ fault: NetworkFault, seed: Int) {
        (self.fixture, self.fault, self.seed) = (fixture, fault, seed)
    }

    private func process(_ number: Int, _ endpoint: RedisConnectionSettings) throws -> MortalProcess {
        let connection = StandaloneClient(endpoint, on: MultiThreadedEventLoopGroup.singleton.next())
        let client = MortalClient(connection, [], losses: 0, seed: seed) { _ in }
        return try MortalProcess(
            number, client, fixture.keys, history, .deadline, hasScheduler: number == 1, isSlow: false)
    }

    func run() async throws {
        try await fixture.redis("EVAL", RedisArgument(KillScript.fill), 0)
        for number in KillScript.jobs { history.acknowledge(Array(job(number).utf8)) }
        let server = try #require(fixture.server)
        let proxy = try FaultyProxy(to: server.port)
        var far = RedisConnectionSettings(.tcp(host: "127.0.0.1", port: proxy.port))
        // A half-open connection is noticed by a ping that nobody answers.
        (far.connectTimeout, far.commandTimeout, far.pingInterval) = (60_000, 2000, 200)
        let (victim, other) = (try process(0, far), try process(1, JobFixture.settings(server.socketPath)))
        let faults = Task { try await self.disturb(proxy) }
        victim.start()
        try await until { self.history.hasBegun(in: 0) }
        other.start()
        try await faults.value
        try await until { try await self.isFinished() }
        // Whoever stops without Redis leaves to others what it had.
        try await until {
            guard await victim.client.isReachable() else { return false }
            return try await !self.owners().isEmpty
        }
        #expect(await other.stop(), "\(fault) \(seed)")
        #expect(await victim.stop(), "\(fault) \(seed)")
        let processed = try await fixture.number(fixture.keys.stat("processed"))
        #expect(history.faults(dead: [], processed: processed) == [], "\(fault) \(seed)")
        let remains = try await Undertaker(fixture: fixture).remains()
        #expect(remains == [], "\(fault) \(seed)")
        for process in [victim, other] { await process.client.close() }
        proxy.end()
    }

    private func until(_ isSo: () async throws -> Bool) async throws {
        while try await !isSo() { try await Task.sleep(for: .milliseconds(2)) }
    }

    private func untilFinished(or isSo: () -> Bool) async throws {
        try await until {
            if isSo() { return true }
            return try await self.isFinished()
        }
    }

    private func isFinished() async throws -> Bool {
        // The time for which somebody has the right to reap passes quickly here.
        try await fixture.redis("DEL", fixture.keys.reaper)
        guard try await fixture.redis("EVAL", RedisArgument(KillScript.unfinished), 0).integer == 0 else {
            return false
        }
        let owners = try await fixture.redis("ZRANGE", fixture.keys.leases, 0, -1).elements?.compactMap(\.text) ?? []
        let ended = try await fixture.redis("ZCOUNT", fixture.keys.leases, 0, 1).integer ?? 0
        return Set(owners.map { $0.prefix { $0 != "~" } }).count == owners.count && ended == 0
    }

    /// Several times, at moments that the seed decides.
    private func disturb(_ proxy: FaultyProxy) async throws {
        var random = SeededRandom(seed: UInt64(seed))
        for _ in 0..<(fault == .stall || fault == .halfOpen ? 1 : 4) {
            let runs = 1 + random.next(below: 12)
            try await untilFinished { self.history.runs.count >= runs }
            switch fault {
            case .cutRequest, .cutReply:
                let cuts = proxy.cuts
                proxy.cut(fault == .cutRequest ? .request : .reply)
                try await untilFinished { proxy.cuts > cuts }
            case .cutAll: proxy.cutAll()
            case .pause:
                proxy.set(.stalled)
                try await Task.sleep(for: .milliseconds(random.next(below: 50)))
                proxy.set(.fine)
            case .stall, .halfOpen:
                proxy.set(fault == .stall ? .stalled : .deaf)
                let owners = try await self.owners()
                try await until { try await self.owners().isDisjoint(with: owners) }
                proxy.set(.fine)
            }
        }
    }

    /// What the process behind the network holds jobs by.
    private func owners() async throws -> Set<String> {
        try await fixture.redis("DEL", fixture.keys.reaper)
        let owners = try await fixture.redis("ZRANGE", fixture.keys.leases, 0, -1).elements?.compactMap(\.text) ?? []
        return Set(owners.filter { $0.hasPrefix("host0:") })
    }
}
