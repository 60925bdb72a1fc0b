// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroRedis
import HeroTestSupport
import NIOCore
import NIOPosix
import Testing

@Suite("a client of one server")
struct ClientTests {
    @Test("a command that was sent and not answered is lost, unless it may run twice; both have run when it returns")
    func lostReplies() async throws {
        let server = try await RedisServer(.socket)
        // The reply to the handshake is what arrives: name is empty, so one PONG of 7 bytes.
        let proxy = try await Proxy(server.socketPath) { $0 == 0 ? .cut(8) : .forward }
        defer { proxy.close() }
        let client = StandaloneClient.make(proxy.path)
        let results = await client.send([
            RedisCommand("INCR", "unmarked"), RedisCommand("APPEND", "marked", "x", isRepeatable: true),
        ])
        #expect(results[0].failure?.kind == .connectionLost)
        #expect(results[0].failure?.message.contains("INCR was sent and not answered") == true)
        #expect(results[1].value == .integer(2), "the server had run it before the connection was cut")
        #expect(try await client.send(RedisCommand("GET", "unmarked")).text == "1")
        await client.close()
    }

    @Test("commands that come while the server is away are sent in order when it is back")
    func offline() async throws {
        let server = try await RedisServer(.socket)
        let reports = Reports()
        let client = StandaloneClient.make(server.socketPath, reports: reports)
        #expect(try await client.send(RedisCommand("PING")).text == "PONG")
        try await server.kill()
        await reports.failed()
        async let results = client.send((1...100).map { RedisCommand("RPUSH", "list", RedisArgument($0)) })
        try await server.restart()
        #expect(await results.map(\.value) == (1...100).map { .integer($0) })
        let list = try await client.send(RedisCommand("LRANGE", "list", 0, -1)).elements?.compactMap(\.integer)
        #expect(list == Array(1...100))
        await client.close()
    }

    @Test("a command whose time ends without a connection was not sent, and says why there was none")
    func offlineDeadline() async throws {
        let project = try TestProject()
        let reports = Reports()
        let client = StandaloneClient.make(project.path("nobody.sock"), reports: reports)
        client.connect()
        await reports.failed()
        let error = await client.send([RedisCommand("GET", "k", timeout: 30)])[0].failure
        #expect(error?.kind == .notSent)
        #expect(error?.message.contains("nobody.sock: cannot connect") == true, "\(error?.message ?? "")")
        await client.close()
        #expect(await client.send([RedisCommand("GET", "k")])[0].failure?.kind == .notSent)
    }

    @Test("what waits for a connection is limited")
    func offlineLimit() async throws {
        let project = try TestProject()
        let client = StandaloneClient.make(project.path("nobody.sock")) { $0.queueLimit = 3 }
        let four = await client.send((1...4).map { RedisCommand("GET", "\($0)") })
        #expect(four.allSatisfy { $0.failure?.message.contains("too much waits for Redis") == true })
        await client.close()
    }

    @Test("a transaction that may run twice is run again as a whole, another one is lost")
    func transactions() async throws {
        let server = try await RedisServer(.socket)
        for isRepeatable in [true, false] {
            let proxy = try await Proxy(server.socketPath) { $0 == 0 ? .cut(10) : .forward }
            defer { proxy.close() }
            let client = StandaloneClient.make(proxy.path)
            let commands = ["a", "b"].map { RedisCommand("APPEND", $0, "x", isRepeatable: isRepeatable) }
            if isRepeatable {
                #expect(try await client.transaction(commands) == [.integer(2), .integer(2)])
            } else {
                let error = await #expect(throws: RedisError.self) { try await client.transaction(commands) }
                #expect(error?.kind == .connectionLost)
                #expect(try await client.send(RedisCommand("STRLEN", "a")) == .integer(3))
            }
            await client.close()
        }
    }

    @Test("a primary that became a replica is left, and what it refused is done by the new one")
    func demotion() async throws {
        let (old, new) = (try await RedisServer(), try await RedisServer())
        let locator = MovingLocator(.unix(path: old.socketPath))
        let reports = Reports()
        let client = StandaloneClient(
            RedisConnectionSettings(.unix(path: "")), locator: locator,
            on: NIOSingletons.posixEventLoopGroup.next()
        ) { reports.add($0, $1) }
        #expect(try await client.send(RedisCommand("SET", "k", "1")).text == "OK")
        try await old.cli("REPLICAOF", "127.0.0.1", "\(new.port)")
        locator.move(to: .unix(path: new.socketPath))
        let results = await client.send((1...5).map { RedisCommand("RPUSH", "l", RedisArgument($0), timeout: 60_000) })
        #expect(results.map(\.value) == (1...5).map { .integer($0) })
        #expect(try await new.cli("LRANGE", "l", "0", "-1") == "1\n2\n3\n4\n5")
        await client.close()
    }

    @Test("a server that is said to be replaced is left at once, with its subscriptions")
    func relocation() async throws {
        let (old, new) = (try await RedisServer(.socket), try await RedisServer(.socket))
        let locator = MovingLocator(.unix(path: old.socketPath))
        let client = StandaloneClient(
            RedisConnectionSettings(.unix(path: "")), locator: locator,
            on: NIOSingletons.posixEventLoopGroup.next())
        var events = try await client.subscribe(channels: ["a"], patterns: []).makeAsyncIterator()
        #expect(try await client.send(RedisCommand("SET", "k", "old")).text == "OK")
        // It hangs, so nothing but the word of another tells that it is of no use.
        old.send(SIGSTOP)
        async let value = client.send([RedisCommand("GET", "k", isRepeatable: true, timeout: 60_000)])
        locator.move(to: .unix(path: new.socketPath))
        client.relocate(because: "another server is the primary")
        #expect(await value[0].value == .null)
        #expect(await events.next() == .gap)
        try await new.cli("PUBLISH", "a", "x")
        #expect(await events.next() == .message(channel: "a", pattern: nil, payload: [120]))
        await client.close()
    }

    @Test("a server that moves while it is being looked up is looked up again")
    func relocationWhileLocating() async throws {
        let (old, new) = (try await RedisServer(.socket), try await RedisServer(.socket))
        let locator = SlowLocator([.unix(path: old.socketPath), .unix(path: new.socketPath)])
        let client = StandaloneClient(
            RedisConnectionSettings(.unix(path: "")), locator: locator, on: NIOSingletons.posixEventLoopGroup.next())
        async let result = client.send([RedisCommand("SET", "k", "1", timeout: 60_000)])
        await locator.asked()
        client.relocate(to: .unix(path: new.socketPath), because: "the sentinels have said so")
        locator.answer()
        #expect(await result[0].value == .status("OK"))
        #expect(try await new.cli("EXISTS", "k") == "1")
        #expect(try await old.cli("EXISTS", "k") == "0")
        await client.close()
    }

    @Test("a client that is forgotten takes its connections along")
    func forgotten() async throws {
        let server = try await RedisServer(.socket)
        do {
            let client = StandaloneClient.make(server.socketPath) { $0.name = "forgotten" }
            #expect(try await client.send(RedisCommand("PING")).text == "PONG")
            #expect(try await server.cli("CLIENT", "LIST").contains("name=forgotten"))
            withExtendedLifetime(client) {}
        }
        while try await server.cli("CLIENT", "LIST").contains("name=forgotten") { await Task.yield() }
    }

    @Test("a server that stays a replica is asked again until there is no more time, and the caller gets its words")
    func staysReplica() async throws {
        let primary = try await RedisServer()
        let replica = try await RedisServer(.port, settings: ["replicaof 127.0.0.1 \(primary.port)"])
        let reports = Reports()
        let client = StandaloneClient.make(replica.socketPath, reports: reports)
        async let results = client.send([RedisCommand("SET", "k", "1")])
        for _ in 1...2 {
            await reports.first { if case .failed(let error, _, _) = $0 { error.code == "READONLY" } else { false } }
        }
        await client.close()
        #expect(await results[0].failure?.code == "READONLY")
    }

    @Test("what a replica refused until there was no more time says that no other server took it")
    func deadlineOnReplica() async throws {
        let primary = try await RedisServer()
        let replica = try await RedisServer(.port, settings: ["replicaof 127.0.0.1 \(primary.port)"])
        let client = StandaloneClient.make(replica.socketPath)
        #expect(try await client.send(RedisCommand("PING")).text == "PONG")
        var error: RedisError?
        // On a busy machine its time may also end while it is on its way, or before there is a connection again.
        repeat {
            error = await client.send([RedisCommand("SET", "k", "1", timeout: 500)])[0].failure
        } while error?.kind == .connectionLost || error?.kind == .notSent
        #expect(error?.code == "READONLY")
        #expect(error?.message.hasSuffix("(and no other server has taken it within 500 ms)") == true)
        await client.close()
    }

    @Test("a server that is loading is waited for")
    func loading() async throws {
        let server = try await RedisServer(.socket, settings: ["appendonly yes", "key-load-delay 2000"])
        let client = StandaloneClient.make(server.socketPath)
        _ = await client.send((0..<300).map { RedisCommand("SET", "k\($0)", "v") })
        try await server.restart()
        #expect(try await client.send(RedisCommand("GET", "k7", isRepeatable: true)).text == "v")
        await client.close()
    }

    @Test("a command that waits in the server delays nobody else, and ends with its caller")
    func blocking() async throws {
        let server = try await RedisServer(.socket)
        let client = StandaloneClient.make(server.socketPath)
        async let popped = client.sendBlocking(RedisCommand("BLPOP", "queue", 0))
        #expect(try await client.send(RedisCommand("PING")).text == "PONG")
        #expect(try await client.send(RedisCommand("RPUSH", "queue", "job")) == .integer(1))
        #expect(try await popped.elements?.last?.text == "job")
        let waiting = Task { try await client.sendBlocking(RedisCommand("BLPOP", "queue", 0)) }
        while try await !server.cli("CLIENT", "LIST").contains("cmd=blpop") { await Task.yield() }
        waiting.cancel()
        await #expect(throws: RedisError.self) { try await waiting.value }
        await client.close()
    }

    @Test(
        "what would harm other callers of the connection is refused, with the way that does not",
        arguments: [
            "SUBSCRIBE a", "subscribe a", "MULTI", "SELECT 1", "BLPOP a 0", "MONITOR", "HELLO 3", "CLIENT REPLY OFF",
            "XREAD BLOCK 0 STREAMS a 0", "WAIT 1 0", "WATCH a", "",
        ]
    )
    func harmful(line: String) async throws {
        let server = try await RedisServer(.socket)
        let client = StandaloneClient.make(server.socketPath)
        let command = RedisCommand(line.split(separator: " ").map { Array($0.utf8) })
        let results = await client.send([RedisCommand("PING"), command])
        #expect(results.map(\.failure?.kind) == [.invalid, .invalid])
        await client.close()
    }

    @Test("XREAD that does not wait, and CLIENT with other words, are ordinary commands")
    func harmless() async throws {
        let server = try await RedisServer(.socket)
        let client = StandaloneClient.make(server.socketPath)
        #expect(try await client.send(RedisCommand("XREAD", "STREAMS", "BLOCK", "0")) == .null)
        #expect(try await client.send(RedisCommand("CLIENT", "ID")).integer != nil)
        await client.close()
    }

    @Test("a script is sent by its digest, and as a whole once a server does not know it")
    func scripts() async throws {
        let server = try await RedisServer(.socket)
        let client = StandaloneClient.make(server.socketPath)
        let script = RedisScript("return {KEYS[1], ARGV[1], redis.call('INCR', KEYS[1])}")
        for count in 1...3 {
            if count == 3 { try await server.cli("SCRIPT", "FLUSH") }
            let reply = try await client.run(script, keys: ["k"], arguments: ["ä"])
            #expect(reply == .array([.bytes([107]), .bytes(Array("ä".utf8)), .integer(count)]))
        }
        #expect(try await server.cli("SCRIPT", "EXISTS", script.digest) == "1")
        let stats = try await server.cli("INFO", "commandstats")
        #expect(stats.contains("cmdstat_evalsha:calls=3") && stats.contains("cmdstat_eval:calls=2"))
        await client.close()
    }

    @Test("all keys, members, fields and scores are found by scanning")
    func scanning() async throws {
        let server = try await RedisServer(.socket)
        let client = StandaloneClient.make(server.socketPath)
        let names = Set((0..<1000).map { "key \($0)" })
        _ = await client.send(
            names.map { RedisCommand("SET", RedisArgument($0), "1") }
                + names.map { RedisCommand("SADD", "set", RedisArgument($0)) }
                + names.map { RedisCommand("HSET", "hash", RedisArgument($0), RedisArgument($0 + "!")) }
                + [RedisCommand("ZADD", "sorted", "1.5", "a")])
        func texts(_ scan: RedisScan) async throws -> [String] {
            var texts: [String] = []
            for try await bytes in scan { texts.append(String(decoding: bytes, as: UTF8.self)) }
            return texts
        }
        #expect(Set(try await texts(client.scan(matching: "key *", count: 50))) == names)
        #expect(Set(try await texts(client.scan(type: "hash"))) == ["hash"])
        #expect(Set(try await texts(client.scanSet("set"))) == names)
        #expect(Set(try await texts(client.scanHash("hash"))) == names.union(names.map { $0 + "!" }))
        #expect(try await texts(client.scanSortedSet("sorted")) == ["a", "1.5"])
        await #expect(throws: RedisError.self) { try await texts(client.scanSet("hash")) }
        await client.close()
    }

    @Test("closing lets commands in flight be answered")
    func closing() async throws {
        let server = try await RedisServer(.socket)
        let client = StandaloneClient.make(server.socketPath)
        #expect(try await client.send(RedisCommand("PING")).text == "PONG")
        async let slow = client.send([
            RedisCommand("EVAL", "local n = 0; for i = 1, 3000000 do n = n + 1 end; return n", 0)
        ])
        while try await !server.cli("INFO", "commandstats").contains("cmdstat_eval") { await Task.yield() }
        await client.close()
        #expect(await slow[0].value == .integer(3_000_000))
    }
}

/// Gives one answer after the other; the first one when a test says so.
private final class SlowLocator: RedisLocator {
    private let answers: Guarded<[RedisEndpoint]>
    private let (questions, question) = AsyncStream.makeStream(of: Void.self)
    private let (gate, opening) = AsyncStream.makeStream(of: Void.self)
    init(_ answers: [RedisEndpoint]) { self.answers = Guarded(answers) }
    var checksRole: Bool { false }
    func asked() async { for await _ in questions { return } }
    func answer() { opening.finish() }
    func locate() async throws(RedisError) -> RedisEndpoint {
        let answer = answers.value[0]
        if answers.value.count > 1 { answers.set(Array(answers.value.dropFirst())) }
        question.yield()
        for await _ in gate {}
        return answer
    }
}

/// A server that moves when a test says so.
private final class MovingLocator: RedisLocator {
    private let endpoint: Guarded<RedisEndpoint>
    init(_ endpoint: RedisEndpoint) { self.endpoint = Guarded(endpoint) }
    var checksRole: Bool { true }
    func move(to endpoint: RedisEndpoint) { self.endpoint.set(endpoint) }
    func locate() async throws(RedisError) -> RedisEndpoint { endpoint.value }
}
