// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroRedis
import HeroTestSupport
import NIOPosix
import Synchronization
import Testing

extension TopologyTests {
    @Suite("clusters", .serialized)
    struct ClusterTests {
        @Test("slots move, a primary is killed and its replica promoted, under load, without one wrong answer")
        func drill() async throws {
            let cluster = try await RedisCluster()
            let client = ClusterClient(cluster.settings(seeds: [0]), on: MultiThreadedEventLoopGroup.singleton.next())
            try await everyCommand(client, cluster)
            try await resharding(client, cluster)
            try await killing(client, cluster)
            await client.close()
        }

        /// Pipelines, commands for all nodes, transactions, refusals, messages.
        private func everyCommand(_ client: ClusterClient, _ cluster: RedisCluster) async throws {
            let sets = (0..<300).map { RedisCommand("SET", "k\($0)", "v\($0)") }
            let gets = (0..<300).map { RedisCommand("GET", "k\($0)") }
            let results = await client.send(sets + gets)
            for number in 0..<300 {
                #expect(try results[number].get() == .status("OK"))
                #expect(try results[300 + number].get() == .bytes(Array("v\(number)".utf8)))
            }
            #expect(try await client.send(RedisCommand("DBSIZE")) == .integer(300))
            #expect(try await client.send(RedisCommand("KEYS", "*")).elements?.count == 300)
            var (cursor, keys): (RESPValue, Set<String>) = (.bytes([48]), [])
            repeat {
                let reply = try await client.send(RedisCommand("SCAN", RedisArgument(cursor.text ?? ""), "COUNT", "50"))
                cursor = try #require(reply.elements?.first)
                keys.formUnion((reply.elements?.last?.elements ?? []).compactMap(\.text))
            } while cursor.text != "0"
            #expect(keys.count == 300)
            for number in 0..<50 {
                let slot = try await client.send(RedisCommand("CLUSTER", "KEYSLOT", "{\(number)}x"))
                #expect(slot == .integer(HashSlot.of("{\(number)}y")))
            }
            let replies = try await client.transaction([
                RedisCommand("SET", "{t}a", "1"), RedisCommand("INCR", "{t}b"), RedisCommand("GET", "{t}a"),
            ])
            #expect(replies == [.status("OK"), .integer(1), .bytes([49])])
            let refused = await #expect(throws: RedisError.self) {
                try await client.transaction([RedisCommand("SET", "a", "1"), RedisCommand("SET", "b", "1")])
            }
            #expect(refused?.kind == .invalid)
            #expect(try await client.sendBlocking(RedisCommand("BLPOP", "nothing", "0.01", timeout: 5000)) == .null)
            let digest = try await client.send(RedisCommand("SCRIPT", "LOAD", "return KEYS[1]")).text ?? ""
            for key in ["a", "b", "c", "d"] {
                let value = try await client.send(
                    RedisCommand("EVALSHA", RedisArgument(digest), "1", RedisArgument(key)))
                #expect(value.text == key)
            }
            #expect(
                try await client.send(RedisCommand("SCRIPT", "EXISTS", RedisArgument(digest), "none"))
                    == .array([.integer(1), .integer(0)]))
            let failure = await client.send([RedisCommand("LPUSH", "k1", "x"), RedisCommand("GET", "k1")])
            #expect(throws: RedisError.self) { try failure[0].get() }
            #expect(try failure[1].get() == .bytes(Array("v1".utf8)))
            #expect(try await client.send(RedisCommand("FLUSHALL")) == .status("OK"))
            #expect(try await client.send(RedisCommand("DBSIZE")) == .integer(0))
        }

        private func resharding(_ client: ClusterClient, _ cluster: RedisCluster) async throws {
            let tags = (0..<12).map { "tag\($0)" }
            let load = TopologyLoad(client, mayLose: false, tags: tags)
            async let running: Void = load.run()
            async let multi = multiKey(client, until: load)
            do {
                _ = await load.nextGoodWrite()
                let slots = ((0..<8).map { "pair\($0)" } + tags).map { HashSlot.of($0) }
                for round in 0..<3 { for slot in slots { try await cluster.move(slot, round: round) } }
            } catch {
                Issue.record(error)
            }
            load.stop()
            await running
            let pairs = await multi
            let record = load.record
            print("resharding: \(record.commands) commands, \(pairs) turns with several keys")
            #expect(record.wrong.isEmpty && record.late.isEmpty, "\(record.wrong.prefix(5)) \(record.late.prefix(5))")
            #expect(record.failures.isEmpty, "\(record.failures) \(record.refusals)")
            for node in cluster.nodes.prefix(3) {
                let statistics = try await node.cli("INFO", "commandstats")
                #expect(statistics.contains("cmdstat_asking"), "no command met a slot on its way")
            }
            try await check(record, client, mayMiss: false)
        }

        /// Commands, transactions and scripts with two keys in a slot that moves.
        private func multiKey(_ client: ClusterClient, until load: TopologyLoad) async -> Int {
            var turn = 0
            while !load.hasStopped {
                turn += 1
                let (a, b) = (RedisArgument("{pair\(turn % 8)}a"), RedisArgument("{pair\(turn % 8)}b"))
                let value = RedisArgument(turn)
                do throws(RedisError) {
                    _ = try await client.send(RedisCommand("MSET", a, value, b, value, timeout: 3000))
                    let both = try await client.send(RedisCommand("MGET", a, b, timeout: 3000))
                    #expect(both == .array([.bytes(value.bytes), .bytes(value.bytes)]))
                    let replies = try await client.transaction([
                        RedisCommand("INCR", a, timeout: 3000), RedisCommand("INCR", b, timeout: 3000),
                    ])
                    #expect(replies == [.integer(turn + 1), .integer(turn + 1)])
                    let script = "return redis.call('INCR', KEYS[1]) + redis.call('INCR', KEYS[2])"
                    let sum = try await client.send(
                        RedisCommand("EVAL", RedisArgument(script), "2", a, b, timeout: 3000))
                    #expect(sum == .integer(2 * turn + 4))
                } catch {
                    Issue.record("turn \(turn): \(error.kind) \(error.message)")
                }
            }
            return turn
        }

        private func killing(_ client: ClusterClient, _ cluster: RedisCluster) async throws {
            let messages = try await client.subscribe(channels: ["news"], patterns: [])
            let load = TopologyLoad(client, mayLose: true)
            async let running: Void = load.run()
            do {
                _ = await load.nextGoodWrite()
                let begin = ContinuousClock.now
                try await cluster.nodes[1].kill()
                // A key of the killed primary's slots.
                let key = try #require((0...).lazy.map { "p\($0)" }.first { 5462..<10922 ~= HashSlot.of($0) })
                let good = await load.nextGoodWrite(key)
                print("kill -9 of a primary: first good write after \(good - begin)")
                try await cluster.nodes[1].restart()
                try await cluster.waitUntilWhole()
                try await subscriptionMoves(client, cluster, messages)
            } catch {
                Issue.record(error)
            }
            load.stop()
            await running
            let record = load.record
            print("killing: \(record.commands) commands, failures \(record.failures); stalled \(record.stall)")
            #expect(record.wrong.isEmpty && record.late.isEmpty, "\(record.wrong.prefix(5)) \(record.late.prefix(5))")
            #expect(record.refusals.isEmpty, "\(record.refusals)")
            try await check(record, client, mayMiss: true)
        }

        /// Each node is restarted in turn, so that of the subscriber is among them; the gap is announced.
        private func subscriptionMoves(
            _ client: ClusterClient, _ cluster: RedisCluster, _ messages: RedisSubscription
        ) async throws {
            let seen = Mutex<[RedisEvent]>([])
            let reader = Task { for await event in messages { seen.withLock { $0.append(event) } } }
            for _ in 0..<10 where !seen.withLock({ $0.contains(.gap) }) {
                for node in cluster.nodes {
                    // Ends the connection only, whichever node has it.
                    try await node.cli("CLIENT", "KILL", "TYPE", "pubsub")
                }
                try await RedisSentinelSet.poll {
                    let listeners = try await cluster.nodes.asyncCount { node in
                        try await node.cli("PUBSUB", "NUMSUB", "news").hasSuffix("1")
                    }
                    return listeners > 0
                }
            }
            let before = seen.withLock { $0.count }
            try await RedisSentinelSet.poll {
                _ = try await client.send(RedisCommand("PUBLISH", "news", "hello"))
                return seen.withLock { $0.count } > before
            }
            #expect(seen.withLock { $0.contains(.gap) })
            reader.cancel()
        }

        private func check(_ record: TopologyLoad.Record, _ client: ClusterClient, mayMiss: Bool) async throws {
            let values = await client.send(
                record.writes.map { RedisCommand("GET", RedisArgument($0.key), timeout: 20_000) })
            var lost = 0
            for (write, value) in zip(record.writes, values) {
                let value = try value.get()
                if value.isNull, mayMiss { lost += 1 } else { #expect(value == .bytes(Array(write.key.utf8))) }
            }
            var repeated: [String] = []
            let counts = await client.send(record.once.map { RedisCommand("GET", RedisArgument($0), timeout: 20_000) })
            for (key, count) in zip(record.once, counts) {
                let count = try count.get()
                if !count.isNull, count.integer != 1 { repeated.append("\(key) ran \(count.integer ?? 0) times") }
            }
            #expect(repeated.isEmpty, "\(repeated.prefix(5))")
            print("\(record.writes.count) repeatable writes acknowledged, \(lost) lost")
        }
    }
}

extension Array {
    fileprivate func asyncCount(where condition: (Element) async throws -> Bool) async rethrows -> Int {
        var count = 0
        for element in self where try await condition(element) { count += 1 }
        return count
    }
}
