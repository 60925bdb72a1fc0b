// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroRedis
import HeroTLS
import HeroTestSupport
import NIOCore
import NIOPosix
import Synchronization
import Testing

/// Connections to real servers.
@Suite("connections")
struct ConnectionTests {
    private let loop = NIOSingletons.posixEventLoopGroup.next()

    @Test("commands of one call are answered in order, over TCP and over a Unix socket")
    func order() async throws {
        let server = try await RedisServer()
        for endpoint in [RedisEndpoint.tcp(host: "127.0.0.1", port: server.port), .unix(path: server.socketPath)] {
            let connection = try await RedisConnection.connect(RedisConnectionSettings(endpoint), on: loop)
            let results = await connection.send([
                RedisCommand("DEL", "k"), RedisCommand("SET", "k", RedisArgument([0, 255, 13, 10])),
                RedisCommand("GET", "k"), RedisCommand("LPUSH", "k", "x"), RedisCommand("STRLEN", "k"),
            ])
            #expect(results.count == 5)
            #expect(try results[1].get() == .status("OK"))
            #expect(try results[2].get() == .bytes([0, 255, 13, 10]))
            #expect(throws: RedisError.self) { try results[3].get() }
            #expect(try results[4].get() == .integer(4))
            await connection.drained()
        }
    }

    @Test("a thousand callers on one connection each get their own reply")
    func pairing() async throws {
        let server = try await RedisServer(.socket)
        let connection = try await RedisConnection.connect(
            RedisConnectionSettings(.unix(path: server.socketPath)), on: loop)
        await withTaskGroup(of: Bool.self) { group in
            for number in 0..<1000 {
                group.addTask {
                    let text = RESPValue.bytes(Array("value \(number)".utf8))
                    return (try? await connection.send(RedisCommand("ECHO", "value \(number)"))) == text
                }
            }
            for await isRight in group { #expect(isRight) }
        }
    }

    @Test("a transaction returns every reply, errors among them, and is refused as a whole for a wrong command")
    func transactions() async throws {
        let server = try await RedisServer(.socket)
        let connection = try await RedisConnection.connect(
            RedisConnectionSettings(.unix(path: server.socketPath)), on: loop)
        let replies = try await connection.transaction([
            RedisCommand("SET", "a", "1"), RedisCommand("LPUSH", "a", "x"), RedisCommand("INCR", "a"),
        ])
        #expect(replies.count == 3 && replies[2] == .integer(2))
        guard case .error(let message) = replies[1] else { return #expect(Bool(false)) }
        #expect(message.hasPrefix("WRONGTYPE"))
        await #expect(throws: RedisError(.refused, "ERR wrong number of arguments for 'incr' command")) {
            try await connection.transaction([RedisCommand("SET", "a", "9"), RedisCommand("INCR")])
        }
        #expect(try await connection.send(RedisCommand("GET", "a")).text == "2")
    }

    @Test("the handshake says who we are: password, user, database, name")
    func handshake() async throws {
        let server = try await RedisServer(
            .port, password: "secret", settings: ["user worker on >other ~* &* +@all"])
        var settings = RedisConnectionSettings(.tcp(host: "127.0.0.1", port: server.port))
        settings.password = "secret"
        settings.database = 3
        settings.name = "hero:client:1"
        var connection = try await RedisConnection.connect(settings, on: loop)
        let info = try await connection.send(RedisCommand("CLIENT", "INFO")).text ?? ""
        #expect(info.contains("name=hero:client:1 ") && info.contains(" db=3 ") && info.contains(" user=default "))
        (settings.user, settings.password) = ("worker", "other")
        connection = try await RedisConnection.connect(settings, on: loop)
        #expect(try await connection.send(RedisCommand("ACL", "WHOAMI")).text == "worker")
    }

    @Test("a wrong password, none, or a database that is not there is refused in the server's words")
    func refusals() async throws {
        let server = try await RedisServer(.port, password: "secret")
        var settings = RedisConnectionSettings(.tcp(host: "127.0.0.1", port: server.port))
        #expect(await failure(settings)?.code == "NOAUTH")
        settings.password = "wrong"
        #expect(await failure(settings)?.code == "WRONGPASS")
        settings.password = "secret"
        settings.database = 99
        #expect(await failure(settings)?.message == "ERR DB index is out of range")
    }

    @Test("a server that is not there is named with the reason, and nothing was sent")
    func nobody() async throws {
        let gone = try await RedisServer()
        try await gone.kill()
        let error = await failure(RedisConnectionSettings(.tcp(host: "127.0.0.1", port: gone.port)))
        #expect(error?.kind == .notSent)
        #expect(error?.message.contains("127.0.0.1:\(gone.port)") == true)
        #expect(error?.message.contains("errno 111") == true)
    }

    @Test("a role that is asked for must be master")
    func role() async throws {
        let primary = try await RedisServer()
        let replica = try await RedisServer(.port, settings: ["replicaof 127.0.0.1 \(primary.port)"])
        var settings = RedisConnectionSettings(.tcp(host: "127.0.0.1", port: replica.port))
        settings.checksRole = true
        #expect(await failure(settings)?.message == "READONLY the server's role is slave, not master")
        settings.endpoint = .tcp(host: "127.0.0.1", port: primary.port)
        #expect(await failure(settings) == nil)
    }

    @Test("messages of channels and patterns arrive, and a connection with subscriptions takes no commands")
    func subscriptions() async throws {
        let server = try await RedisServer(.socket)
        let settings = RedisConnectionSettings(.unix(path: server.socketPath))
        let (messages, continuation) = AsyncStream.makeStream(of: [String].self)
        let subscriber = try await RedisConnection.connect(settings, on: loop) {
            var events = RedisConnectionEvents()
            events.message = { channel, pattern, payload in
                continuation.yield([channel, pattern ?? "", String(decoding: payload, as: UTF8.self)])
            }
            return events
        }
        try await subscriber.subscribe("subscribe", ["a", "b"])
        try await subscriber.subscribe("psubscribe", ["c*"])
        await #expect(throws: RedisError(.invalid, "this connection to Redis is for subscriptions".at(server))) {
            try await subscriber.send(RedisCommand("GET", "k"))
        }
        let publisher = try await RedisConnection.connect(settings, on: loop)
        _ = await publisher.send([
            RedisCommand("PUBLISH", "b", "1"), RedisCommand("PUBLISH", "cc", "2"), RedisCommand("PUBLISH", "a", "3"),
        ])
        var received = messages.makeAsyncIterator()
        #expect(await received.next() == ["b", "", "1"])
        #expect(await received.next() == ["cc", "c*", "2"])
        #expect(await received.next() == ["a", "", "3"])
        try await subscriber.subscribe("unsubscribe", ["a", "b"])
        #expect(try await publisher.send(RedisCommand("PUBLISH", "a", "4")).integer == 0)
    }

    private func failure(_ settings: RedisConnectionSettings) async -> RedisError? {
        do throws(RedisError) {
            try await RedisConnection.connect(settings, on: loop).close()
            return nil
        } catch { return error }
    }
}

extension String {
    fileprivate func at(_ server: RedisServer) -> String { "Redis at \(server.socketPath): \(self)" }
}
