// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroRedis
import HeroShared
import HeroTestSupport
import NIOCore
import NIOPosix
import Synchronization

/// A process as far as cache and messages are concerned, on a Redis of its own.
final class SharedReplay: Sendable {
    /// Log lines as the reference writes them.
    final class Lines: LogHost {
        private let all = Mutex<[String]>([])

        var lines: [String] { all.withLock { $0 } }
        func isEnabled(_ level: LogLevel) -> Bool { level < .debug }
        func write(level: LogLevel, message: String, data: [(name: String, value: JSON)]) {
            guard isEnabled(level) else { return }
            all.withLock { $0.append("\(level.name): \(message)") }
        }
    }

    let server: RedisServer
    let project: TestProject
    let log = Lines()
    let client: StandaloneClient
    let services: SharedServices

    // Without a server that others use too it starts one.
    init(_ server: RedisServer? = nil, id: String = "node-a") async throws {
        if let server {
            self.server = server
        } else {
            self.server = try await RedisServer(.socket)
        }
        project = try TestProject(["config/.keep": ""])
        client = StandaloneClient(
            RedisConnectionSettings(.unix(path: self.server.socketPath)), on: NIOSingletons.posixEventLoopGroup.next())
        let settings = SharedSettings(id: id, projectRoot: project.root)
        services = SharedServices(settings, clients: RedisClients(client), log: log)
    }

    var cache: Cache { Cache(host: services.cacheHost, lockName: "node-a") }
    var rpc: RPC { RPC(host: services.rpcHost) }
    var redis: Redis { Redis(host: services.redisHost) }

    func close() async {
        await services.stop()
        await client.close()
    }

    // MARK: Contents of Redis

    func fill(_ dump: JSON.Object) async throws {
        for (key, entry) in dump {
            let name = RedisBytes(key)
            switch entry["value"] {
            case .string(let text)?: _ = try await redis.command("SET", name, RedisBytes(text))
            case .array(let items)?:
                for item in items { _ = try await redis.command("RPUSH", name, RedisBytes(item.stringValue ?? "")) }
            default: continue
            }
            guard let left = entry["pttlAbout"]?.intValue else { continue }
            // Long enough for the test, and still a time to live.
            _ = try await redis.command("PEXPIRE", name, RedisBytes(max(left, 600_000)))
        }
    }

    /// In the form of the recordings, with `some` for a time to live; what was to live for milliseconds is gone there.
    func dump() async throws -> JSON.Object {
        var dump = JSON.Object()
        for key in try await redis.command("KEYS", "*").elements?.compactMap(\.text).sorted() ?? [] {
            let left = try await redis.command("PTTL", RedisBytes(key)).integer ?? -1
            if left == -2 || left == 0 || left == 1 { continue }
            let isList = try await redis.command("TYPE", RedisBytes(key)).text == "list"
            let value: JSON =
                if isList {
                    .array(
                        (try await redis.command("LRANGE", RedisBytes(key), 0, -1).elements ?? [])
                            .map { .string($0.text ?? "") })
                } else {
                    .string(try await redis.command("GET", RedisBytes(key)).text ?? "")
                }
            dump[key] = [
                "type": isList ? "list" : "string", "value": value, "ttl": left < 0 ? "none" : "some",
            ]
        }
        return dump
    }
}
