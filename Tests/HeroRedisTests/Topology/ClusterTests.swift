// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroRedis
import HeroTestSupport
import NIOPosix
import Testing

extension TopologyTests {
    @Suite("clusters", .serialized)
    struct ClusterTests {
        @Test("slots move, a primary is killed and its replica promoted, under load, without one wrong answer")
        func drill() async throws {
            let cluster = try await RedisCluster()
            let client = RedisClusterClient(
                cluster.settings(seeds: [0]), on: MultiThreadedEventLoopGroup.singleton.next())
            try await everyCommand(client, cluster)
            try await replicas(cluster)
            try await resharding(client, cluster)
            try await breaking("kill -9 of a primary", 1, client, cluster) { node in
                try await node.kill()
            } heal: { node in
                try await node.restart()
            }
            try await breaking("SIGSTOP of a primary", 2, client, cluster) { node in
                node.send(SIGSTOP)
            } heal: { node in
                node.send(SIGCONT)
            }
            try await subscriptionMoves(client, cluster)
            await client.close()
        }

        @Test("without a node that answers, commands fail before their deadline, with each node's reason")
        func nobody() async throws {
            let alone = try await RedisServer()
            let settings = RedisClusterSettings(seeds: [
                NodeAddress(host: "127.0.0.1", port: 1), NodeAddress(host: "127.0.0.1", port: alone.port),
            ])
            let client = RedisClusterClient(settings, on: MultiThreadedEventLoopGroup.singleton.next())
            for command in [RedisCommand("GET", "a", timeout: 1000), RedisCommand("DBSIZE", timeout: 1000)] {
                let result = await client.send([command])
                let error = #expect(throws: RedisError.self) { try result[0].get() }
                #expect(error?.kind == .notSent)
                #expect(error?.message.contains("127.0.0.1:1: ") == true, "\(error?.message ?? "")")
                #expect(error?.message.contains("cluster support disabled") == true, "\(error?.message ?? "")")
            }
            await client.close()
            let closed = await client.send([RedisCommand("GET", "a", timeout: 1000)])
            #expect(throws: RedisError.self) { try closed[0].get() }
            #expect(try await alone.cli("PING") == "PONG")
        }

        @Test("one command that cannot be sent keeps the others of its call from being sent")
        func refusal() async throws {
            let settings = RedisClusterSettings(seeds: [NodeAddress(host: "127.0.0.1", port: 1)])
            let client = RedisClusterClient(settings, on: MultiThreadedEventLoopGroup.singleton.next())
            let results = await client.send([RedisCommand("SET", "a", "1"), RedisCommand("MGET", "a", "b")])
            let errors = results.map { result in #expect(throws: RedisError.self) { try result.get() } }
            #expect(errors.map { $0?.kind } == [.invalid, .invalid])
            #expect(errors[0]?.message.contains("another command of the same call: MGET was not sent") == true)
            await client.close()
        }

        /// Reads go to replicas when the configuration says so, writes do not.
        private func replicas(_ cluster: RedisCluster) async throws {
            var settings = cluster.settings(seeds: [0])
            settings.readsReplicas = true
            let client = RedisClusterClient(settings, on: MultiThreadedEventLoopGroup.singleton.next())
            for number in 0..<30 { _ = try await client.send(RedisCommand("SET", "r\(number)", "v")) }
            for node in cluster.nodes { try await node.cli("CONFIG", "RESETSTAT") }
            for number in 0..<30 { _ = try await client.send(RedisCommand("GET", "r\(number)")) }
            for (position, node) in cluster.nodes.enumerated() {
                let reads = try await node.cli("INFO", "commandstats").contains("cmdstat_get:")
                #expect(reads == (position >= 3), "node \(position)")
            }
            await client.close()
        }

        /// Pipelines, commands for all nodes, transactions, refusals, messages.
        private func everyCommand(_ client: RedisClusterClient, _ cluster: RedisCluster) async throws {
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

        private func resharding(_ client: RedisClusterClient, _ cluster: RedisCluster) async throws {
            let tags = (0..<12).map { "tag\($0)" }
            let load = TopologyLoad(client, mayLose: false, tags: tags)
            async let running: Void = load.run()
            async let multi = multiKey(client, until: load)
            do {
                _ = await load.nextGoodWrite()
                let slots = ((0..<8).map { "pair\($0)" } + tags).map { HashSlot.of($0) }
                // Once around, until each node has been sent a command for a slot that was on its way.
                var haveAllBeenAsked = false
                while !haveAllBeenAsked {
                    for round in 0..<3 { for slot in slots { try await cluster.move(slot, round: round) } }
                    haveAllBeenAsked = try await self.haveAllBeenAsked(cluster)
                }
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
            try await check(record, client, mayMiss: false)
        }

        private func haveAllBeenAsked(_ cluster: RedisCluster) async throws -> Bool {
            for node in cluster.nodes.prefix(3) {
                guard try await node.cli("INFO", "commandstats").contains("cmdstat_asking") else { return false }
            }
            return true
        }

        /// Commands, transactions and scripts with two keys in a slot that moves.
        private func multiKey(_ client: RedisClusterClient, until load: TopologyLoad) async -> Int {
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

        /// A primary is away until its replica has taken over, and comes back as that one's replica.
        private func breaking(
            _ name: String, _ position: Int, _ client: RedisClusterClient, _ cluster: RedisCluster,
            _ fault: (RedisServer) async throws -> Void, heal: (RedisServer) async throws -> Void
        ) async throws {
            let load = TopologyLoad(client, mayLose: true)
            async let running: Void = load.run()
            do {
                _ = await load.nextGoodWrite()
                let begin = ContinuousClock.now
                try await fault(cluster.nodes[position])
                // A key of that primary's slots.
                let slots = (16384 * position / 3)..<(16384 * (position + 1) / 3)
                let key = try #require((0...).lazy.map { "p\($0)" }.first { slots ~= HashSlot.of($0) })
                let good = await load.nextGoodWrite(key)
                print("\(name): first good write after \(good - begin)")
                try await heal(cluster.nodes[position])
                try await cluster.waitUntilWhole()
            } catch {
                Issue.record(error)
            }
            load.stop()
            await running
            let record = load.record
            print("\(name): \(record.commands) commands, failures \(record.failures); stalled \(record.stall)")
            #expect(record.wrong.isEmpty && record.late.isEmpty, "\(record.wrong.prefix(5)) \(record.late.prefix(5))")
            #expect(record.refusals.isEmpty, "\(record.refusals)")
            try await check(record, client, mayMiss: true)
        }

        /// The node with the subscription dies, whichever it is; the gap is announced, and another node has it.
        private func subscriptionMoves(_ client: RedisClusterClient, _ cluster: RedisCluster) async throws {
            let messages = try await client.subscribe(channels: ["news"], patterns: [])
            var holders: [RedisServer] = []
            for node in cluster.nodes where try await !node.cli("CLIENT", "LIST", "TYPE", "pubsub").isEmpty {
                holders.append(node)
            }
            #expect(holders.count == 1)
            try await holders.first?.kill()
            var seen = messages.makeAsyncIterator()
            #expect(await seen.next() == .gap)
            let living = try #require(cluster.nodes.first { $0 !== holders.first })
            try await living.cli("PUBLISH", "news", "hello")
            #expect(await seen.next() == .message(channel: "news", pattern: nil, payload: Array("hello".utf8)))
        }

        private func check(_ record: TopologyLoad.Record, _ client: RedisClusterClient, mayMiss: Bool) async throws {
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
