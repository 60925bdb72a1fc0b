// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Foundation
import HeroTestSupport
import NIOCore
import NIOPosix
import Testing

@testable import HeroRedis

@Suite("why a command was not sent", .timeLimit(.minutes(10)))
struct WaitingReasonTests {
    private func failure(_ endpoint: RedisEndpoint) async -> RedisError? {
        var settings = RedisConnectionSettings(endpoint)
        settings.connectTimeout = 120_000
        let client = StandaloneClient(settings, on: NIOSingletons.posixEventLoopGroup.next())
        let result = await client.send([RedisCommand("PING", timeout: 500)])
        await client.close()
        return result[0].failure
    }

    @Test("a server that accepts connections and says nothing is named while it is waited for")
    func silent() async throws {
        let server = try await RedisServer(.socket)
        server.send(SIGSTOP)
        defer { server.send(SIGCONT) }
        let error = await failure(.unix(path: server.socketPath))
        #expect(error?.kind == .notSent)
        #expect(error?.message.contains("\(server.socketPath) has not answered the handshake yet") == true, "\(error)")
    }

    @Test("a port where nobody listens is told in the system's words, once")
    func refused() async {
        let error = await failure(.tcp(host: "127.0.0.1", port: 1))
        #expect(error?.message.hasSuffix("cannot connect: Connection refused (errno 111)") == true, "\(error)")
    }

    @Test("a cluster that cannot be reached is an error in the log once, and a note after that")
    func cluster() async throws {
        let levels = Guarded<[LogLevel]>([])
        var settings = RedisClusterSettings(seeds: [NodeAddress(host: "127.0.0.1", port: 1)])
        settings.log = { level, text in
            guard text.contains("gave its slots") else { return }
            levels.change { $0.append(level) }
        }
        let client = RedisClusterClient(settings, on: NIOSingletons.posixEventLoopGroup.next())
        try await RedisSentinelSet.poll { levels.value.count >= 3 }
        await client.close()
        #expect(Array(levels.value.prefix(3)) == [.error, .info, .info])
    }
}
