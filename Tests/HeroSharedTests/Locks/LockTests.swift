// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroRedis
import HeroTestSupport
import Testing

@testable import HeroShared

@Suite("locks")
struct LockTests {
    @Test("one at a time in all processes, each with a larger token than the one before")
    func excludes() async throws {
        let members = try await Members()
        let inside = Counter()
        let tokens = Collected()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<20 {
                group.addTask {
                    try await members[number % 2].locks.withLock("l", waitingAtMost: .seconds(300)) { lock in
                        #expect(inside.increment() % 2 == 1)
                        tokens.add(lock.token)
                        await Task.yield()
                        inside.increment()
                    }
                }
            }
            try await group.waitForAll()
        }
        let all = tokens.all
        #expect(all.count == 20)
        #expect(zip(all, all.dropFirst()).allSatisfy { $0 < $1 })
        await members.close()
    }

    @Test("a lock that is held is busy for whoever does not wait", arguments: Backend.allCases)
    func busy(_ backend: Backend) async throws {
        try await backend.run { member in
            try await member.locks.withLock("l") { lock in
                #expect(lock.name == "l")
                let error = await #expect(throws: LockError.self) {
                    try await member.locks.withLock("l", waitingAtMost: .zero) { _ in }
                }
                #expect(error?.code == .busy)
                try await member.locks.withLock("another", waitingAtMost: .zero) { _ in }
            }
            try await member.locks.withLock("l", waitingAtMost: .zero) { _ in }
            #expect(try await member.cache.locks() == [])
        }
    }

    @Test("what the body throws comes out, and the lock is free again", arguments: Backend.allCases)
    func throwing(_ backend: Backend) async throws {
        try await backend.run { member in
            await #expect(throws: ActionError("broken")) {
                try await member.locks.withLock("l") { _ in throw ActionError("broken") }
            }
            let answer1 = try await member.locks.withLock("l", waitingAtMost: .zero) { $0.token }
            #expect(answer1 > 0)
        }
    }

    @Test("locks of this process alone that were left to expire are forgotten")
    func forgotten() async throws {
        let time = ManualTime()
        let store = LocalKeyStore(limitBytes: 10_000, time: time.keeper)
        for number in 0..<5000 {
            #expect(try await store.setIfAbsent("l\(number)", [1], expiry: 10))
            time.advance(1)
        }
        #expect(store.lockCount < 1100)
        #expect(try await !store.setIfAbsent("l4999", [2], expiry: 10), "it is still held")
    }

    @Test("a lease is renewed for as long as the body takes, and not any longer")
    func renews() async throws {
        let time = ManualTime()
        let store = LocalKeyStore(limitBytes: 10_000, time: time.keeper)
        #expect(try await store.setIfAbsent("l", [1], expiry: 90))
        let began = time.milliseconds
        try await LeaseKeeper(time: time.keeper).hold("l", [1], 90, since: began, store) {
            // Its clock goes on with each renewal.
            while time.milliseconds < began + 1000 { await Task.yield() }
        }
        #expect(try await store.get("l") == [1])
        time.advance(90)
        #expect(try await store.get("l") == nil)
    }

    @Test("when the lease is lost the body is cancelled, and the loss is an error and a line in the log")
    func lost() async throws {
        let members = try await Members(["node-a"])
        let isCancelled = Signal()
        let error = await #expect(throws: LockError.self) {
            try await members[0].locks.withLock("l", lease: .milliseconds(150)) { _ in
                _ = try await members.server.cli("SET", "actionhero:lock:{lease:l}", "somebody")
                do { try await Task.sleep(for: .seconds(3600)) } catch { isCancelled.set() }
            }
        }
        await isCancelled.wait()
        #expect(error?.code == .lost)
        #expect(
            members[0].log.lines == [
                "info: actionhero member node-a has joined the cluster", "warning: a lock was lost lock=l",
            ])
        // What somebody else has by now is left alone.
        #expect(try await members.server.cli("GET", "actionhero:lock:{lease:l}") == "somebody")
        await members.close()
    }

    @Test("when a holder is cut off, another one gets the lock, with a larger token, and the first is told")
    func cutOff() async throws {
        let members = try await Members()
        let begun = Signal()
        let first = Collected()
        let holder = Task {
            try await members[0].locks.withLock("l", lease: .milliseconds(300)) { lock in
                first.add(lock.token)
                begun.set()
                try await Task.sleep(for: .seconds(3600))
            }
        }
        await begun.wait()
        await members[0].client?.close()
        let token = try await members[1].locks.withLock("l", waitingAtMost: .seconds(300)) { $0.token }
        #expect(first.all.count == 1 && first.all.allSatisfy { $0 < token })
        let error = await #expect(throws: LockError.self) { try await holder.value }
        #expect(error?.code == .lost)
        await members[1].close()
    }

    @Test("tokens also grow when a failover has taken the last ones away")
    func tokensAfterFailover() async throws {
        let members = try await Members(["node-a"])
        let locks = members[0].locks
        _ = try await locks.withLock("l") { $0.token }
        let key = try await members.server.cli("KEYS", "*:token")
        let copied = try await members.server.cli("GET", key)
        let lost = try await locks.withLock("l") { $0.token }
        try await members.server.cli("SET", key, copied)
        #expect(try await locks.withLock("l") { $0.token } > lost)
        await members.close()
    }

    @Test("tokens also grow when Redis has lost everything")
    func tokensSurvive() async throws {
        let members = try await Members(["node-a"])
        let before = try await members[0].locks.withLock("l") { $0.token }
        try await members.server.cli("FLUSHALL")
        #expect(try await members[0].locks.withLock("l") { $0.token } > before)
        #expect(before > 1_700_000_000_000)
        await members.close()
    }

    @Test("whoever is cancelled while waiting gets out, and leaves nothing behind")
    func cancelled() async throws {
        let members = try await Members()
        try await members[0].locks.withLock("l") { _ in
            let waiter = Task { try await members[1].locks.withLock("l", waitingAtMost: .seconds(3600)) { _ in } }
            waiter.cancel()
            await #expect(throws: CancellationError.self) { try await waiter.value }
        }
        #expect(try await members.server.cli("EXISTS", "actionhero:lock:{lease:l}") == "0")
        await members.close()
    }

    @Test("a body that ends after its lease, because the process did not run, has lost the lock")
    func stopped() async throws {
        let time = ManualTime()
        var keeper = time.keeper
        // Nobody gets a turn to renew.
        keeper.sleep = { _ in try await Task.sleep(for: .seconds(3600)) }
        let member = Member(SharedSettings(id: "node-a", projectRoot: "/"), nil, time: keeper)
        let error = await #expect(throws: LockError.self) {
            try await member.locks.withLock("l", lease: .seconds(10)) { _ in time.advance(10_000) }
        }
        #expect(error?.code == .lost)
        try await member.locks.withLock("l", lease: .seconds(10)) { _ in time.advance(9_999) }
    }

    @Test("a lock and its counter are in one slot, whatever the name", arguments: ["l", "}", "{", "a}b", "", "{}"])
    func oneSlot(_ name: String) {
        let settings = SharedSettings(id: "node-a", projectRoot: "/")
        let key = settings.leaseKey(name)
        #expect(Self.tag(key) == Self.tag(key + ":token"))
        #expect(Self.tag(key)?.isEmpty == false)
    }

    /// What a cluster looks at.
    private static func tag(_ key: String) -> Substring? {
        guard let open = key.firstIndex(of: "{") else { return nil }
        let rest = key[key.index(after: open)...]
        return rest.firstIndex(of: "}").map { rest[..<$0] }
    }
}
