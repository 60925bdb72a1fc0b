// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
package import HeroRuntime

/// What the processes of an application share, over Redis or within this one.
///
/// The clients are not closed here: their maker does that after ``stop()``.
package final class SharedServices: Sendable {
    package let settings: SharedSettings
    /// `nil` without Redis.
    package let clients: RedisClients?
    package let messages: ProcessMessages
    package let rpc: RPCService
    package let connections: ConnectionService
    let cache: CacheService
    let locks: LockService
    let redis: RedisService

    package var cacheHost: any CacheHost { cache }
    package var lockHost: any LockHost { locks }
    package var rpcHost: any RPCHost { rpc }
    package var redisHost: any RedisHost { redis }

    /// - Parameters:
    ///   - settings: What the configuration says.
    ///   - clients: Connections; `nil` for `redis.enabled: false`.
    ///   - log: Where problems are written.
    ///   - connections: Those that this process holds.
    package convenience init(
        _ settings: SharedSettings, clients: RedisClients?, log: any LogHost,
        _ connections: ConnectionDirectory = ConnectionDirectory()
    ) {
        self.init(settings, clients: clients, log: log, time: .system, connections)
    }

    init(
        _ settings: SharedSettings, clients: RedisClients?, log: any LogHost, time: Timekeeper,
        _ connections: ConnectionDirectory = ConnectionDirectory()
    ) {
        self.settings = settings
        self.clients = clients
        let local = LocalKeyStore(limitBytes: settings.localCacheLimit, time: time)
        func store(_ purpose: String) -> any KeyStore {
            clients.map { RedisKeyStore(client: $0.client, purpose: purpose) } ?? local
        }
        let keeper = LeaseKeeper(time: time)
        cache = CacheService(settings, store("cache"), keeper, log: log, time: time)
        locks = LockService(settings, store("locks"), keeper, log: log, time: time)
        messages = ProcessMessages(settings, clients, log: log, time: time)
        rpc = RPCService(settings, messages, log: log, time: time)
        self.connections = ConnectionService(connections, rpc)
        redis = RedisService(clients)
    }

    /// Takes messages from now on, and tells the others that this process is there.
    ///
    /// - Throws: `RedisFailure` when there is no connection in time.
    package func start() async throws {
        try await messages.start()
        await rpc.announce("actionhero member \(settings.id) has joined the cluster")
    }

    /// The counterpart of ``start()``: calls that wait for answers fail.
    package func stop() async {
        await messages.stop()
        rpc.failCalls()
        await rpc.announce("actionhero member \(settings.id) has left the cluster", timeout: Self.farewellLimit)
    }

    /// Milliseconds: a process must not be kept from its end by a Redis that is away.
    private static let farewellLimit = 500
}
