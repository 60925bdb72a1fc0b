// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
package import NIOCore
internal import Synchronization

/// A client of a Redis Cluster.
///
/// Commands without keys go to any primary, except for `SCAN` (all primaries, one after the other, with a cursor that
/// says where it is), `DBSIZE`, `KEYS`, `FLUSHALL`, `FLUSHDB`, `SCRIPT LOAD`, `SCRIPT FLUSH`, `SCRIPT EXISTS` and the
/// `FUNCTION` commands that change something, which go to all. Order within a
/// call is kept for each slot.
package final class RedisClusterClient: RedisClient {
    typealias Outcome = Result<RESPValue, RedisError>

    struct State {
        var machine: SlotMapMachine
        var isClosed = false
        /// Why the last attempt to get the map failed.
        var refreshFailure: String?
        /// Asks for the map; awaited by ``close()``.
        var refresh: Task<Void, Never>?
        /// For transactions that follow a slot on its way, and for commands that wait in the server.
        var pools: [NodeAddress: ConnectionPool] = [:]
    }

    let settings: RedisClusterSettings
    let loop: any EventLoop
    let state: Mutex<State>
    /// Callers that wait for the first map.
    let mapQueue: DeadlineQueue<Void>
    let nodes: NodeConnections
    /// Has the subscriptions and sends nothing else.
    let subscriber: StandaloneClient
    let place: SubscriberPlace

    /// - Parameters:
    ///   - settings: Which cluster; connections are made when they are needed.
    ///   - loop: Carries all of them.
    package init(_ settings: RedisClusterSettings, on loop: any EventLoop) {
        self.settings = settings
        self.loop = loop
        mapQueue = DeadlineQueue(on: loop)
        state = Mutex(State(machine: SlotMapMachine(seeds: settings.seeds, readsReplicas: settings.readsReplicas)))
        let owner = Owner()
        nodes = NodeConnections(settings, on: loop) { node, error in
            owner.client.withLock { $0.value }?.lost(node, error)
        }
        place = SubscriberPlace { failed in
            await owner.client.withLock { $0.value }?.nodeForSubscriptions(except: failed)
        }
        subscriber = StandaloneClient(
            settings.connection, locator: place, role: .subscriber, on: loop, observer: settings.observer)
        owner.client.withLock { $0.value = self }
        refresh("the client starts")
        planSlowRefresh()
    }

    /// The connections tell their client, which owns them.
    private final class Owner: Sendable {
        struct Reference { weak var value: RedisClusterClient? }
        let client = Mutex(Reference())
    }

    private func lost(_ node: NodeAddress, _ error: RedisError) {
        settings.log(.info, "lost the connection to the node \(node) of the Redis cluster: \(error.message)")
        refresh("a node was lost")
    }
}
