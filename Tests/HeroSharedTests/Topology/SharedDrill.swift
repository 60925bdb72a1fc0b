// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroRedis
import HeroTestSupport
import Testing

@testable import HeroShared

/// Two processes that share something, and what they do.
struct SharedDrill {
    private let members: [Member]
    private let project: TestProject
    private var first: Cache { members[0].cache }
    private var second: Cache { members[1].cache }

    init(_ client: () -> any RedisClient) async throws {
        project = try TestProject(["config/.keep": ""])
        let root = project.root
        members = ["node-a", "node-b"].map { id in
            var settings = SharedSettings(id: id, projectRoot: root)
            settings.lockDuration = 60_000
            return Member(settings, client: client())
        }
        for member in members {
            try await member.services.start()
            let id = member.services.settings.id
            member.rpc.register("who") { call in "\(id) for \(call.caller)" }
        }
    }

    func close() async { for member in members { await member.close() } }

    /// Leaves no values.
    func everything() async throws {
        try await values()
        try await dump()
        try await lists()
        try await ownership()
        try await fetches()
        try await calls()
        #expect(try await first.size() == 0)
    }

    private func values() async throws {
        let names = (0..<60).map { "value:\($0)" }
        for (number, name) in names.enumerated() { try await first.save(name, number, expiresAfter: .seconds(600)) }
        for (number, name) in names.enumerated() {
            #expect(try await second.load(name, as: Int.self, expiresAfter: .seconds(900)).value == number)
        }
        #expect(try await second.size() == 60)
        #expect(try await Set(second.keys("value:1")) == Set(names.filter { $0.hasPrefix("value:1") }.map(full)))
        #expect(try await second.keys(matching: full("value:5?"), count: 5).count == 10)
        #expect(try await second.destroy("value:7"))
        #expect(try await first.size() == 59)
    }

    private func full(_ key: String) -> String { "actionhero:cache:" + key }

    private func dump() async throws {
        #expect(try await first.dumpWrite("cache.json") == 59)
        #expect(try await Set(second.clear()).count == 59)
        #expect(try await first.size() == 0)
        #expect(try await second.dumpRead("cache.json") == 59)
        #expect(try await first.load("value:8", as: Int.self).value == 8)
        #expect(try await first.clear().count == 59)
    }

    private func lists() async throws {
        for number in 0..<3 { try await first.push("list", number) }
        #expect(try await second.listLength("list") == 3)
        for number in 0..<3 { #expect(try await second.pop("list", as: Int.self) == number) }
        #expect(try await first.pop("list", as: Int.self) == nil)
    }

    private func ownership() async throws {
        #expect(try await first.lock("mine"))
        #expect(try await !second.lock("mine"))
        #expect(try await !second.checkLock("mine"))
        #expect(try await second.locks() == ["actionhero:lock:mine"])
        await #expect(throws: CacheError.self) { try await second.save("mine", 1) }
        #expect(try await first.unlock("mine"))
        let tokens = try await [
            members[0].locks.withLock("job") { $0.token }, members[1].locks.withLock("job") { $0.token },
        ]
        #expect(tokens[0] < tokens[1])
    }

    private func fetches() async throws {
        let computations = Counter()
        for round in 0..<10 {
            let values = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<10 {
                    group.addTask { [members] in
                        try await members[number % 2].cache.fetch("computed:\(round)") {
                            computations.increment()
                            return round
                        }
                    }
                }
                return try await group.reduce(into: [Int]()) { $0.append($1) }
            }
            #expect(values == Array(repeating: round, count: 10))
        }
        #expect(computations.value == 10)
        #expect(try await first.clear().count == 10)
    }

    private func calls() async throws {
        for target in ["node-a", "node-b"] {
            #expect(try await call(.member(target)) == .string("\(target) for node-a"))
        }
        let any = try await call(.all)
        #expect(any == "node-a for node-a" || any == "node-b for node-a")
    }

    /// Again when it was lost: published messages are, when a subscription is just being made anew.
    private func call(_ target: RPC.Target) async throws -> JSON {
        while true {
            do {
                return try await members[0].rpc.call("who", on: target, timeout: .seconds(2))
            } catch is RPCError {}
        }
    }

    /// Something breaks while one process holds a lock, one computes, and there are values.
    func survives(_ fault: @escaping @Sendable () async throws -> Void) async throws {
        for number in 0..<30 { try await first.save("kept:\(number)", number) }
        let second = second
        let (held, computed) = try await members[0].locks.withLock("held", lease: .seconds(20)) { lock in
            // The same key in two processes: one of them computes, and loses its connection meanwhile.
            let computed = try await second.fetch("broken", lease: .seconds(20)) {
                try await fault()
                return "computed"
            }
            return (lock.token, computed)
        }
        #expect(computed == "computed")
        #expect(try await members[1].locks.withLock("held") { $0.token } > held)
        for number in 0..<30 {
            #expect(try await second.load("kept:\(number)", as: Int.self).value == number)
        }
        #expect(try await first.fetch("broken") { "computed again" } == "computed")
        #expect(try await first.clear().count == 31)
    }
}
