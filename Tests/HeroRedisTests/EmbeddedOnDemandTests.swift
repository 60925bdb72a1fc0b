// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport
import NIOCore
import NIOPosix
import Testing

@testable import HeroRedis

@Suite("an embedded server on demand", .timeLimit(.minutes(10)))
struct EmbeddedOnDemandTests {
    private struct Rig {
        let server: EmbeddedOnDemand
        let client: StandaloneClient
        let settings: EmbeddedSettings

        init(_ directory: String, executable: String = "redis-server", commandTimeout: Int = 60_000) {
            var settings = EmbeddedSettings(directory: directory)
            settings.executable = executable
            self.settings = settings
            server = EmbeddedOnDemand(settings) { _, _ in }
            var connection = RedisConnectionSettings(.unix(path: settings.socket))
            connection.commandTimeout = commandTimeout
            client = StandaloneClient(
                connection, locator: EmbeddedLocator(settings.socket, startingOnDemand: server),
                on: NIOSingletons.posixEventLoopGroup.next())
        }

        func end() async {
            await client.close()
            server.stop()
        }
    }

    @Test("begins with the first command, below a path of any length, and ends when it is told to")
    func begins() async throws {
        let project = try TestProject()
        let part = String(repeating: "long", count: 15)
        let rig = Rig(project.path("\(part)/\(part)"))
        #expect(!project.exists(part))
        #expect(try await rig.client.send(RedisCommand("SET", "a", "1")).text == "OK")
        await rig.end()
        #expect(project.list("\(part)/\(part)").contains("appendonlydir") || project.exists("\(part)/appendonly.aof"))
        #expect(!project.exists("\(part)/\(part)/redis.sock"))
        let unused = Rig(project.path("unused"))
        await unused.end()
        #expect(!project.exists("unused"))
    }

    @Test("goes on for others when the process that has started it stops")
    func shares() async throws {
        let project = try TestProject()
        let (one, two) = (Rig(project.path("data")), Rig(project.path("data")))
        _ = try await one.client.send(RedisCommand("SET", "a", "1"))
        #expect(try await two.client.send(RedisCommand("GET", "a")).text == "1")
        await one.end()
        #expect(try await two.client.send(RedisCommand("GET", "a", isRepeatable: true)).text == "1")
        await two.end()
        #expect(!project.exists("data/redis.sock"))
    }

    @Test("that cannot be started tells the caller what to do")
    func missing() async throws {
        let project = try TestProject()
        let rig = Rig(project.path("data"), executable: "no-redis-here", commandTimeout: 300)
        let error = await #expect(throws: RedisError.self) { try await rig.client.send(RedisCommand("PING")) }
        #expect(error?.kind == .notSent)
        #expect(error?.message.contains("there is no no-redis-here to run") == true, "\(error?.message ?? "")")
        await rig.end()
    }
}
