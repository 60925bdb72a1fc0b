// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport
import Testing

@testable import HeroRedis

@Suite("subscriptions")
struct SubscriptionTests {
    private func message(_ channel: String, _ text: String, pattern: String? = nil) -> RedisEvent {
        .message(channel: channel, pattern: pattern, payload: Array(text.utf8))
    }

    @Test("messages of channels and patterns come in order, to everybody who wants them")
    func messages() async throws {
        let server = try await RedisServer(.socket)
        let client = StandaloneClient.make(server.socketPath)
        var one = try await client.subscribe(channels: ["a", "b"], patterns: []).makeAsyncIterator()
        var two = try await client.subscribe(channels: ["b"], patterns: ["c*"]).makeAsyncIterator()
        _ = await client.send(
            [("a", "1"), ("b", "2"), ("cd", "3"), ("a", "4")].map { RedisCommand("PUBLISH", "\($0.0)", "\($0.1)") })
        #expect(await one.next() == message("a", "1"))
        #expect(await one.next() == message("b", "2"))
        #expect(await one.next() == message("a", "4"))
        #expect(await two.next() == message("b", "2"))
        #expect(await two.next() == message("cd", "3", pattern: "c*"))
        await client.close()
        #expect(await one.next() == nil)
    }

    @Test("a subscription outlives its connection, and says that messages may be missing")
    func gap() async throws {
        let server = try await RedisServer(.socket)
        let proxy = try await Proxy(server.socketPath) { _ in .forward }
        defer { proxy.close() }
        let client = StandaloneClient.make(proxy.path)
        var events = try await client.subscribe(channels: ["a"], patterns: ["p*"]).makeAsyncIterator()
        proxy.cutAll()
        #expect(await events.next() == .gap)
        _ = await client.send(["a", "pp"].map { RedisCommand("PUBLISH", "\($0)", "x", isRepeatable: true) })
        #expect(await events.next() == message("a", "x"))
        #expect(await events.next() == message("pp", "x", pattern: "p*"))
        await client.close()
    }

    @Test("a channel that nobody wants any more is given up, one that somebody wants is not")
    func references() async throws {
        let server = try await RedisServer(.socket)
        let client = StandaloneClient.make(server.socketPath)
        var first: RedisSubscription? = try await client.subscribe(channels: ["a", "b"], patterns: [])
        let second = try await client.subscribe(channels: ["b"], patterns: [])
        #expect(try await server.cli("PUBSUB", "NUMSUB", "a", "b") == "a\n1\nb\n1")
        withExtendedLifetime(first) {}
        first = nil
        while try await server.cli("PUBSUB", "NUMSUB", "a") != "a\n0" { await Task.yield() }
        #expect(try await server.cli("PUBSUB", "NUMSUB", "b") == "b\n1")
        withExtendedLifetime(second) {}
        await client.close()
    }

    @Test("a subscription that is not allowed is refused, and leaves the others alone")
    func refused() async throws {
        let server = try await RedisServer(.socket, settings: ["user default on nopass ~* resetchannels &open* +@all"])
        let client = StandaloneClient.make(server.socketPath)
        var open = try await client.subscribe(channels: ["open"], patterns: []).makeAsyncIterator()
        let error = await #expect(throws: RedisError.self) {
            try await client.subscribe(channels: ["closed"], patterns: [])
        }
        #expect(error?.code == "NOPERM")
        #expect(try await client.send(RedisCommand("PUBLISH", "open", "x")) == .integer(1))
        #expect(await open.next() == message("open", "x"))
        await client.close()
    }

    @Test("a reader that is cancelled gives its subscription up")
    func cancelled() async throws {
        let server = try await RedisServer(.socket)
        let client = StandaloneClient.make(server.socketPath)
        let subscription = try await client.subscribe(channels: ["a"], patterns: [])
        let reader = Task { for await _ in subscription {} }
        reader.cancel()
        await reader.value
        while try await server.cli("PUBSUB", "NUMSUB", "a") != "a\n0" { await Task.yield() }
        await client.close()
    }

    @Test("a half-open connection is noticed by the subscriber, which then gets a gap")
    func halfOpen() async throws {
        let server = try await RedisServer(.socket)
        // Seven bytes answer the handshake, 20 the subscription; then nothing comes any more.
        let acknowledgement = "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n".utf8.count
        let proxy = try await Proxy(server.socketPath) { $0 == 0 ? .stall(7 + acknowledgement) : .forward }
        defer { proxy.close() }
        let client = StandaloneClient.make(proxy.path) { $0.pingInterval = 50 }
        var events = try await client.subscribe(channels: ["a"], patterns: []).makeAsyncIterator()
        #expect(await events.next() == .gap)
        await client.close()
    }

    @Test("two that want the same share it; names given up and wanted again need a new acknowledgement")
    func table() {
        var table = SubscriptionTable()
        let name = SubscriptionTable.Name(text: "a", isPattern: false)
        let first = table.add([name, name])
        #expect(first.change.channels == ["a"])
        #expect(table.add([name]).change.isEmpty)
        #expect(!table.isComplete(1))
        table.acknowledge(["a"], arePatterns: false, stamp: first.change.stamp)
        #expect(table.isComplete(1) && table.isComplete(2))
        #expect(table.remove(1).isEmpty)
        #expect(table.remove(2).channels == ["a"])
        let again = table.add([name])
        table.acknowledge(["a"], arePatterns: false, stamp: first.change.stamp)
        #expect(!table.isComplete(again.subscriber), "that was the old one's")
        table.acknowledge(["a"], arePatterns: false, stamp: again.change.stamp)
        #expect(table.isComplete(again.subscriber))
        table.forget()
        #expect(!table.isComplete(again.subscriber))
    }

    @Test("what a new connection is told does not acknowledge what is wanted anew behind it")
    func restored() {
        var table = SubscriptionTable()
        let name = SubscriptionTable.Name(text: "a", isPattern: false)
        let first = table.add([name])
        let all = table.all
        _ = table.remove(first.subscriber)
        let again = table.add([name])
        table.acknowledge(["a"], arePatterns: false, stamp: all.stamp)
        #expect(!table.isComplete(again.subscriber), "the subscription is to be given up before it is made anew")
    }

    @Test("a reader that is late finds as many messages as processes may send one another at a time")
    func burst() async throws {
        let server = try await RedisServer(.socket)
        let client = StandaloneClient.make(server.socketPath)
        var events = try await client.subscribe(channels: ["a"], patterns: []).makeAsyncIterator()
        let count = 20_000
        for _ in 0..<20 {
            _ = await client.send((0..<count / 20).map { _ in RedisCommand("PUBLISH", "a", "x") })
        }
        for _ in 0..<count where await events.next() != message("a", "x") {
            Issue.record("something is missing")
            break
        }
        await client.close()
    }

    @Test("a slow reader costs a bounded amount, and learns where messages are missing")
    func slowReader() async {
        let buffer = SubscriberBuffer(limit: 3, bytesLimit: 100)
        for number in 1...10 { buffer.push(message("a", "\(number)")) }
        for number in 1...3 { #expect(await buffer.next() == message("a", "\(number)")) }
        #expect(await buffer.next() == .gap)
        buffer.push(message("a", "11"))
        buffer.push(message("a", String(repeating: "x", count: 200)))
        buffer.push(message("a", "12"))
        buffer.end()
        #expect(await buffer.next() == message("a", "11"))
        #expect(await buffer.next() == .gap)
        #expect(await buffer.next() == nil)
    }
}
