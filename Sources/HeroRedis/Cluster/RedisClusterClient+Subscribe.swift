// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroSystem
internal import Synchronization

// Messages reach all nodes of a cluster, so one connection to any of them brings all.
extension RedisClusterClient {
    package func subscribe(
        channels: [String], patterns: [String]
    ) async throws(RedisError) -> RedisSubscription {
        try await subscriber.subscribe(channels: channels, patterns: patterns)
    }

    /// The map is new: a subscription whose node has left goes elsewhere.
    func checkSubscriber() {
        guard let node = place.node, !state.withLock({ $0.machine.has(node) }) else { return }
        subscriber.relocate(because: "the node \(node) has left the Redis cluster")
    }

    /// Which node has the subscriptions.
    final class SubscriberPlace: RedisLocator {
        private let current = Mutex<NodeAddress?>(nil)
        private let choose: @Sendable (_ except: NodeAddress?) async -> NodeAddress?

        init(_ choose: @escaping @Sendable (_ except: NodeAddress?) async -> NodeAddress?) { self.choose = choose }

        var checksRole: Bool { false }
        var node: NodeAddress? { current.withLock { $0 } }

        /// Asked whenever there is no connection, so the node that had it is the last choice.
        func locate() async throws(RedisError) -> RedisEndpoint {
            guard let node = await choose(node) else {
                throw RedisError(.notSent, "no node of the Redis cluster is known")
            }
            current.withLock { $0 = node }
            return node.endpoint
        }
    }

    func nodeForSubscriptions(except failed: NodeAddress?) async -> NodeAddress? {
        await waitForMap(until: deadline(of: RedisCommand(), from: loop.nanoseconds))
        var random = BlockRandom()
        return state.withLock { $0.machine.anyNode(except: failed, using: &random) }
    }
}
