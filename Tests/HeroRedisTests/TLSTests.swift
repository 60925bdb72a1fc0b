// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroRedis
import HeroTLS
import HeroTestSupport
import NIOCore
import NIOPosix
import Testing

@Suite("connections with TLS")
struct TLSTests {
    private func failure(
        _ server: RedisServer, _ tls: TLSClientSettings, name: String? = "redis.example"
    ) async throws -> RedisError? {
        var settings = RedisConnectionSettings(.tcp(host: "127.0.0.1", port: server.port))
        settings.connectTimeout = 60_000
        settings.tls = try RedisTLS(tls, serverName: name) { try Array(Data(contentsOf: URL(fileURLWithPath: $0))) }
        do throws(RedisError) {
            let connection = try await RedisConnection.connect(settings, on: NIOSingletons.posixEventLoopGroup.next())
            let large = RedisArgument([UInt8](repeating: 65, count: 300_000))
            #expect(try await connection.send(RedisCommand("ECHO", large)) == .bytes(large.bytes))
            await connection.drained()
            return nil
        } catch { return error }
    }

    @Test("the server's certificate and its name are checked, unless that is turned off")
    func verification() async throws {
        let authority = try await CertificateAuthority()
        let pair = try await authority.issue("redis.example")
        let server = try await RedisServer(.tls(pair, authority: authority.certificate, asksForCertificates: false))
        var tls = TLSClientSettings()
        #expect(try await failure(server, tls)?.message.contains("certificate verify failed") == true)
        tls.authoritiesFile = authority.certificate
        #expect(try await failure(server, tls) == nil)
        #expect(try await failure(server, tls, name: "other.example")?.message.contains("hostname mismatch") == true)
        #expect(try await failure(server, tls, name: nil)?.message.contains("IP address mismatch") == true)
        tls.verifies = false
        #expect(try await failure(server, tls, name: nil) == nil)
    }

    @Test("a server that wants to know its clients gets our certificate")
    func clientCertificate() async throws {
        let authority = try await CertificateAuthority()
        let (pair, own) = (try await authority.issue("redis.example"), try await authority.issue("client"))
        let server = try await RedisServer(.tls(pair, authority: authority.certificate, asksForCertificates: true))
        var tls = TLSClientSettings()
        tls.authoritiesFile = authority.certificate
        #expect(try await failure(server, tls) != nil)
        tls.certificate = TLSServerSettings.Certificate(certificateFile: own.certificate, keyFile: own.key)
        #expect(try await failure(server, tls) == nil)
    }

    @Test("the nodes of a cluster have TLS and a password like other servers, also on connections of their own")
    func cluster() async throws {
        let authority = try await CertificateAuthority()
        let pair = try await authority.issue("redis.example")
        let node = try await RedisServer(
            .tls(pair, authority: authority.certificate, asksForCertificates: false), password: "secret",
            settings: ["tls-cluster yes"], asCluster: true)
        let login = ["-a", "secret", "--no-auth-warning", "CLUSTER"]
        try await node.cli(login + ["ADDSLOTSRANGE", "0", "16383"])
        try await RedisSentinelSet.poll { try await node.cli(login + ["INFO"]).contains("cluster_state:ok") }
        var tls = TLSClientSettings()
        tls.authoritiesFile = authority.certificate
        let encrypted = try RedisTLS(tls, serverName: "redis.example") {
            try Array(Data(contentsOf: URL(fileURLWithPath: $0)))
        }
        let client = RedisClusterClient.make(node) { ($0.tls, $0.password) = (encrypted, "secret") }
        #expect(try await client.send(RedisCommand("SET", "a", "1")).text == "OK")
        #expect(try await client.sendBlocking(RedisCommand("BLPOP", "nothing", "0.01")) == .null)
        var events = try await client.subscribe(channels: ["news"], patterns: []).makeAsyncIterator()
        _ = try await client.send(RedisCommand("PUBLISH", "news", "x"))
        #expect(await events.next() == .message(channel: "news", pattern: nil, payload: [120]))
        await client.close()
    }

    @Test("a client that does not check certificates says so once")
    func unverified() async throws {
        let authority = try await CertificateAuthority()
        let pair = try await authority.issue("redis.example")
        let server = try await RedisServer(.tls(pair, authority: authority.certificate, asksForCertificates: false))
        var settings = RedisConnectionSettings(.tcp(host: "127.0.0.1", port: server.port))
        var tls = TLSClientSettings()
        tls.verifies = false
        settings.tls = try RedisTLS(tls) { _ in [] }
        settings.commandTimeout = 60_000
        let reports = Reports()
        let client = StandaloneClient(settings, on: NIOSingletons.posixEventLoopGroup.next()) { reports.add($0, $1) }
        #expect(try await client.send(RedisCommand("PING")).text == "PONG")
        await reports.first { $0 == .unverified(settings.endpoint) }
        await client.close()
    }
}
