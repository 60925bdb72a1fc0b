// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroSystem
internal import HeroTLS
internal import Synchronization

/// The keys of a process's session tickets, made from what its cluster shares.
final class TicketKeys: TicketKeySource {
    private struct State {
        var seed: TicketSeed
        /// The period whose keys were given last.
        var given: UInt32?
    }

    private let state: Mutex<State>
    private let now: @Sendable () -> UInt32

    /// - Parameters:
    ///   - seed: Of all processes of the cluster, or of this one.
    ///   - now: The period.
    init(_ seed: TicketSeed, now: @escaping @Sendable () -> UInt32 = { TicketSeed.now }) {
        state = Mutex(State(seed: seed))
        self.now = now
    }

    func nextKeys() -> [UInt8]? {
        let now = now()
        return state.withLock { state in
            if let given = state.given, given >= now { return nil }
            state.seed.advance(to: now)
            state.given = state.seed.period
            return state.seed.keys(TLSServerSettings.ticketKeyBytes)
        }
    }
}
