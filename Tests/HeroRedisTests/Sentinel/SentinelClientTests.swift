// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroRedis
import HeroTLS
import HeroTestSupport
import NIOPosix
import Synchronization
import Testing

/// One primary and one sentinel, or less.
@Suite("a client of sentinels", .timeLimit(.minutes(10)))
struct SentinelClientTests {
    private let loop = MultiThreadedEventLoopGroup.singleton.next()
    private let anywhere = RedisConnectionSettings(.tcp(host: "", port: 1))

    private func failover(_ name: String, _ sentinel: RedisServer) async throws {
        // It has to know the replica first.
        try await RedisSentinelSet.poll { try await sentinel.cli("SENTINEL", "FAILOVER", name) == "OK" }
        try await sentinel.running.line(containing: "+switch-master \(name)")
    }

    private func watch(_ primary: RedisServer, other: Int = 1, _ more: String...) -> [String] {
        [
            "sentinel monitor other 127.0.0.1 \(other) 1", "sentinel down-after-milliseconds other 60000",
            "sentinel monitor main 127.0.0.1 \(primary.port) 1",
            "sentinel down-after-milliseconds main 60000",
        ] + more
    }

    private func address(_ server: RedisServer) -> NodeAddress { NodeAddress(host: "127.0.0.1", port: server.port) }

    @Test("sentinels and servers have passwords of their own and TLS with certificates of clients")
    func security() async throws {
        let authority = try await CertificateAuthority()
        let pair = try await authority.issue("localhost")
        let tls = RedisServer.Listening.tls(pair, authority: authority.certificate, asksForCertificates: true)
        let primary = try await RedisServer(tls, password: "server-secret")
        let sentinel = try await RedisServer(
            tls, password: "sentinel-secret",
            settings: watch(primary, other: 1, "sentinel auth-pass main server-secret", "tls-replication yes"),
            isSentinel: true)
        var client = TLSClientSettings()
        client.authoritiesFile = authority.certificate
        client.certificate = .init(certificateFile: pair.certificate, keyFile: pair.key)
        let encrypted = try RedisTLS(
            client, serverName: "localhost", read: { try [UInt8](Data(contentsOf: URL(fileURLWithPath: $0))) })
        var server = anywhere
        (server.password, server.tls) = ("server-secret", encrypted)
        var settings = SentinelSettings(name: "main", sentinels: [address(sentinel)], password: "sentinel-secret")
        settings.connectTimeout = 3000
        settings.sentinel.tls = encrypted
        let right = SentinelClient(settings, server: server, on: loop)
        #expect(try await right.send(RedisCommand("SET", "a", "1", timeout: 10_000)) == .status("OK"))
        await right.close()

        settings.sentinel.password = "wrong"
        let wrong = SentinelLocator(limited(settings), server: server, on: loop)
        let error = await #expect(throws: RedisError.self) { try await wrong.locate() }
        #expect(error?.message.contains("\(address(sentinel)): WRONGPASS") == true, "\(error?.message ?? "")")
        settings.sentinel.password = "sentinel-secret"
        server.password = "wrong"
        let other = SentinelLocator(limited(settings), server: server, on: loop)
        let second = await #expect(throws: RedisError.self) { try await other.locate() }
        #expect(second?.message.contains("named \(address(primary)): WRONGPASS") == true, "\(second?.message ?? "")")
    }

    private func limited(_ settings: SentinelSettings) -> SentinelSettings {
        var settings = settings
        settings.searchLimit = 1
        return settings
    }

    @Test("when nothing is found the error has every sentinel with its own reason, and comes before the deadline")
    func report() async throws {
        let primary = try await RedisServer()
        let replica = try await RedisServer(settings: ["replicaof 127.0.0.1 \(primary.port)"])
        let knowsNothing = try await RedisServer(settings: [], isSentinel: true)
        let namesReplica = try await RedisServer(settings: watch(replica), isSentinel: true)
        let nobody = NodeAddress(host: "127.0.0.1", port: 1)
        var settings = SentinelSettings(
            name: "main", sentinels: [nobody, address(knowsNothing), address(namesReplica)])
        (settings.connectTimeout, settings.searchLimit) = (3000, 1)
        let locator = SentinelLocator(settings, server: anywhere, on: loop)
        let error = await #expect(throws: RedisError.self) { try await locator.locate() }
        let message = error?.message ?? ""
        for part in [
            "127.0.0.1:1: ", "errno 111", "\(address(knowsNothing)): knows no primary called `main`",
            "\(address(namesReplica)): named", "the server's role is slave",
        ] {
            #expect(message.contains(part), "\(part) is not in: \(message)")
        }
        let hasFailed = Mutex(false)
        let client = SentinelClient(settings, server: anywhere, on: loop) { _, event in
            if case .failed = event { hasFailed.withLock { $0 = true } }
        }
        client.connect()
        try await RedisSentinelSet.poll { hasFailed.withLock { $0 } }
        let result = await client.send([RedisCommand("GET", "a", timeout: 1000)])
        let failure = #expect(throws: RedisError.self) { try result[0].get() }
        #expect(try await replica.cli("ROLE").contains("slave"))
        #expect(
            failure?.kind == .notSent && failure?.message.contains("knows no primary") == true,
            "\(failure?.message ?? "")")
        await client.close()
    }

    @Test("a primary that was made a replica is left without anybody having said so")
    func demotion() async throws {
        let old = try await RedisServer()
        let new = try await RedisServer()
        let sentinel = try await RedisServer(settings: watch(old), isSentinel: true)
        let client = SentinelClient(
            SentinelSettings(name: "main", sentinels: [address(sentinel)]), server: anywhere, on: loop)
        #expect(try await client.send(RedisCommand("SET", "a", "1")) == .status("OK"))
        // The sentinel is told, and announces nothing of that.
        try await sentinel.cli("SENTINEL", "REMOVE", "main")
        try await sentinel.cli("SENTINEL", "MONITOR", "main", "127.0.0.1", "\(new.port)", "1")
        try await old.cli("REPLICAOF", "127.0.0.1", "\(new.port)")
        #expect(try await client.send(RedisCommand("SET", "b", "1", timeout: 10_000)) == .status("OK"))
        #expect(try await new.cli("GET", "b") == "1")
        await client.close()
    }

    @Test("an announcement moves all of a client's connections, and one about another primary none")
    func announcements() async throws {
        let (old, foreign) = (try await RedisServer(), try await RedisServer())
        let new = try await RedisServer(settings: ["replicaof 127.0.0.1 \(old.port)"])
        let stranger = try await RedisServer(settings: ["replicaof 127.0.0.1 \(foreign.port)"])
        for primary in [old, foreign] {
            try await RedisSentinelSet.poll { try await primary.cli("INFO", "replication").contains("state=online") }
        }
        let sentinel = try await RedisServer(settings: watch(old, other: foreign.port), isSentinel: true)
        let logged = Mutex<[String]>([])
        var settings = SentinelSettings(name: "main", sentinels: [address(sentinel)])
        settings.log = { _, text in if text.contains("replaced") { logged.withLock { $0.append(text) } } }
        let client = SentinelClient(settings, server: anywhere, on: loop)
        let messages = try await client.subscribe(channels: ["news"], patterns: [])
        let blocked = Task { await client.blocked() }
        try await RedisSentinelSet.poll { try await old.cli("INFO", "clients").contains("blocked_clients:1") }
        try await RedisSentinelSet.poll { try await sentinel.cli("CLIENT", "LIST").contains(" sub=2 ") }
        try await failover("other", sentinel)
        #expect(logged.withLock { $0.isEmpty }, "that was not ours")
        #expect(try await stranger.cli("ROLE").contains("master"))
        try await failover("main", sentinel)
        #expect(await blocked.value == .connectionLost, "what waits in a server that was replaced may wait for ever")
        #expect(try await client.send(RedisCommand("SET", "b", "1", timeout: 10_000)) == .status("OK"))
        #expect(try await new.cli("GET", "b") == "1")
        try await RedisSentinelSet.poll { try await new.cli("PUBSUB", "NUMSUB", "news").hasSuffix("1") }
        try await new.cli("PUBLISH", "news", "hello")
        var seen: [RedisEvent] = []
        for await event in messages {
            seen.append(event)
            if seen.count == 2 { break }
        }
        #expect(seen == [.gap, .message(channel: "news", pattern: nil, payload: Array("hello".utf8))])
        #expect(logged.withLock { $0.allSatisfy { $0.contains("\(address(old)) by \(address(new))") } })
        await client.close()
    }
}

extension SentinelClient {
    fileprivate func blocked() async -> RedisError.Kind? {
        do throws(RedisError) {
            _ = try await sendBlocking(RedisCommand("BLPOP", "nothing", "0"))
            return nil
        } catch { return error.kind }
    }
}
