// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport
import NIOCore
import NIOEmbedded
import Testing

@testable import HeroRedis

/// A connection whose network and clock are the test's.
@Suite("a connection on a channel in memory")
struct EmbeddedConnectionTests {
    private struct Rig {
        let channel = EmbeddedChannel()
        let connection: RedisConnection

        init(
            _ change: (inout RedisConnectionSettings) -> Void = { _ in },
            events: RedisConnectionEvents = RedisConnectionEvents()
        ) throws {
            var settings = RedisConnectionSettings(.unix(path: "/s"))
            change(&settings)
            connection = RedisConnection(settings, on: channel.embeddedEventLoop, events: events)
            try channel.pipeline.syncOperations.addHandler(RedisChannelHandler(connection))
            channel.connect(to: try SocketAddress(unixDomainSocketPath: "/s"), promise: nil)
            channel.embeddedEventLoop.run()
            _ = try written()
            try receive("+PONG\r\n")
        }

        func receive(_ text: String) throws {
            try channel.writeInbound(ByteBuffer(string: text))
            channel.embeddedEventLoop.run()
        }

        func written() throws -> [String] {
            channel.embeddedEventLoop.run()
            var all: [String] = []
            while let bytes = try channel.readOutbound(as: ByteBuffer.self) { all.append(String(buffer: bytes)) }
            return all
        }

        /// - Returns: Gets the results.
        func send(_ commands: RedisCommand..., isTransaction: Bool = false) -> Guarded<[RedisBatch.Outcome]> {
            let results = Guarded<[RedisBatch.Outcome]>([])
            connection.submit(RedisBatch(commands, isTransaction: isTransaction) { results.set($0) })
            return results
        }
    }

    @Test("commands of several callers leave in one write; so do those that come while replies are read")
    func coalescing() throws {
        let rig = try Rig()
        let first = rig.send(RedisCommand("GET", "a"))
        let second = rig.send(RedisCommand("GET", "b"), RedisCommand("GET", "c"))
        func get(_ key: String) -> String { "*2\r\n$3\r\nGET\r\n$1\r\n\(key)\r\n" }
        #expect(try rig.written() == [get("a") + get("b") + get("c")])
        try rig.receive(":1\r\n:2\r\n:3\r\n")
        #expect(first.value == [.success(.integer(1))])
        #expect(second.value == [.success(.integer(2)), .success(.integer(3))])
    }

    @Test("a transaction is one piece, whoever else sends")
    func transaction() throws {
        let rig = try Rig()
        let results = rig.send(RedisCommand("INCR", "a"), RedisCommand("INCR", "b"), isTransaction: true)
        let other = rig.send(RedisCommand("PING"))
        let words = try rig.written().joined().split(separator: "\r\n").filter { "*$".contains($0.prefix(1)) == false }
        #expect(words == ["MULTI", "INCR", "a", "INCR", "b", "EXEC", "PING"])
        try rig.receive("+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n:1\r\n-ERR x\r\n+PONG\r\n")
        #expect(results.value == [.success(.array([.integer(1), .error("ERR x")]))])
        #expect(other.value == [.success(.status("PONG"))])
    }

    @Test("each command has its own deadline; what comes late goes to nobody, and the next reply to its own caller")
    func deadlines() throws {
        let rig = try Rig { $0.pingInterval = 0 }
        let (slow, quick) = (rig.send(RedisCommand("A", timeout: 900)), rig.send(RedisCommand("B", timeout: 100)))
        rig.channel.embeddedEventLoop.advanceTime(by: .milliseconds(100))
        #expect(quick.value.first?.failure?.message.contains("has not answered B within 100 ms") == true)
        #expect(slow.value.isEmpty)
        let third = rig.send(RedisCommand("C"))
        try rig.receive(":1\r\n:2\r\n:3\r\n")
        #expect(slow.value == [.success(.integer(1))])
        #expect(third.value == [.success(.integer(3))])
    }

    @Test(
        "a hostile server's bytes end the connection with a reason, and every caller gets an answer",
        arguments: [
            (":1\r\n:2\r\n:3\r\n", "belongs to no command"),
            ("HTTP/1.1", "no reply of Redis: Protocol error, got \"H\""),
            ("*2147483647\r\n", "more than 2097152 values"),
            ("+PONG\r\n-ERR a\r\n-DENIED go away\r\n", "DENIED go away"),
        ])
    func hostile(text: String, reason: String) throws {
        let ended = Guarded<String>("")
        var events = RedisConnectionEvents()
        events.closed = { _, error, unanswered in
            ended.set(error.message)
            return unanswered
        }
        let rig = try Rig(events: events)
        let results = rig.send(RedisCommand("A"), RedisCommand("B"))
        _ = try rig.written()
        try rig.receive(text)
        #expect(ended.value.contains(reason), "\(ended.value)")
        #expect(results.value.count == 2)
        #expect(!rig.channel.isActive)
    }

    @Test(
        "whatever a server sends, every caller gets one answer and the connection survives or says why not",
        arguments: 1...8)
    func fuzz(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<60 {
            let rig = try Rig()
            let results = (0..<10).map { _ in rig.send(RedisCommand("A"), RedisCommand("B", timeout: 50)) }
            _ = try rig.written()
            var bytes = (0..<12).flatMap { _ in RESPValue.random(&random).encoded }
            if random.next(below: 3) > 0 { bytes = bytes.damaged(&random) }
            for slice in bytes.sliced(&random, longest: 40) where rig.channel.isActive {
                try rig.channel.writeInbound(ByteBuffer(bytes: slice))
            }
            rig.channel.embeddedEventLoop.advanceTime(by: .seconds(60))
            #expect(results.allSatisfy { $0.value.count == 2 }, "seed \(seed)")
        }
    }

    @Test("what does not fit the queue is refused at once, as a whole, and is not written")
    func bounds() throws {
        let rig = try Rig { $0.queueLimit = 2 }
        let three = rig.send(RedisCommand("A"), RedisCommand("B"), RedisCommand("C"))
        #expect(three.value.map(\.failure?.kind) == [.notSent, .notSent, .notSent])
        #expect(try rig.written().isEmpty)
        let two = rig.send(RedisCommand("A"), RedisCommand("B"))
        try rig.receive(":1\r\n:2\r\n")
        #expect(two.value == [.success(.integer(1)), .success(.integer(2))])
    }
}
