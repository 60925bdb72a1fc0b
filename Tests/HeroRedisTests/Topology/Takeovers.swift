// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroRedis
import Synchronization

/// Which writes a failover may take away: Redis copies to replicas after it has answered, and a primary that does not know
/// yet that it was replaced answers too.
///
/// So a write may be lost that was under way between the last moment at which both replicas of a primary had everything and
/// the client's connection to the next primary. All others must be there. Sentinels of a busy machine may also replace a
/// primary of their own accord; that is a takeover like any other.
final class Takeovers: Sendable {
    struct Window: Sendable {
        let copied: ContinuousClock.Instant
        let connected: ContinuousClock.Instant

        func mayLose(_ write: TopologyLoad.Write) -> Bool {
            write.begun < connected && write.acknowledged > copied
        }
    }

    private struct State {
        let begin = ContinuousClock.now
        var connections: [(port: Int, time: ContinuousClock.Instant)] = []
        /// The latest moment at which the replicas had everything, by the primary's port.
        var copies: [Int: ContinuousClock.Instant] = [:]
        var windows: [Window] = []
    }

    private let state = Mutex(State())

    /// The client is connected to a server now.
    func connected(_ endpoint: RedisEndpoint) {
        guard case .tcp(_, let port) = endpoint else { return }
        state.withLock { state in
            let time = ContinuousClock.now
            if let last = state.connections.last, last.port != port {
                state.windows.append(Window(copied: state.copies[last.port] ?? state.begin, connected: time))
                // Whatever it lacks of earlier times is in that window.
                state.copies[port] = time
            }
            state.connections.append((port, time))
        }
    }

    /// What had been written to a primary at a time is on both replicas.
    ///
    /// Counts only while the client uses that primary: afterwards nothing more is written to it.
    func copied(_ port: Int, at time: ContinuousClock.Instant) {
        state.withLock { if $0.connections.last?.port == port { $0.copies[port] = time } }
    }

    /// The server that the client is connected to.
    var port: Int? { state.withLock { $0.connections.last?.port } }
    var windows: [Window] { state.withLock { $0.windows } }

    func hasCopied(_ port: Int, since time: ContinuousClock.Instant) -> Bool {
        state.withLock { ($0.copies[port] ?? $0.begin) > time }
    }

    func first(of port: Int, after begin: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        state.withLock { $0.connections.first { $0.time >= begin && $0.port == port }?.time }
    }
}
