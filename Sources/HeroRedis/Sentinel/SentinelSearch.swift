// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// One search for the primary, round after round, until it is found or the time is over; without sockets and clock.
///
/// The search ends when the connection that it asks for is made.
package struct SentinelSearch: Sendable {
    package enum Action: Sendable, Hashable {
        /// Asks a sentinel for the primary's address, after so many milliseconds.
        case ask(NodeAddress, delay: Int)
        /// Connects there, which succeeds only when the server says that it is a primary (`ROLE`).
        case connect(NodeAddress)
        /// Waits so many milliseconds; then ``SentinelSearch/begin(_:)``.
        case wait(Int)
    }

    private enum State: Sendable {
        case resting
        case asking(NodeAddress)
        case connecting(NodeAddress, toldBy: NodeAddress)
    }

    /// Milliseconds before the next sentinel is asked when an address was not the primary: a failover is under way.
    static let pause = 50
    static let maximumPause = 1000

    private let name: String
    private var state = State.resting
    private var queue: ArraySlice<NodeAddress> = []
    private var rounds = 0
    /// What each sentinel's latest answer led to, for the error.
    private var reasons: [(sentinel: NodeAddress, reason: String)] = []

    package init(name: String) {
        self.name = name
    }

    /// Starts a round.
    ///
    /// - Parameter sentinels: In the order in which to ask.
    /// - Returns: What to do first.
    package mutating func begin(_ sentinels: [NodeAddress]) -> Action {
        queue = sentinels[...]
        return next()
    }

    /// The sentinel that was asked has answered.
    package mutating func answered(_ reply: RESPValue) -> Action {
        guard case .asking(let sentinel) = state else { return next() }
        switch SentinelReply.primary(reply) {
        case .address(let address):
            state = .connecting(address, toldBy: sentinel)
            return .connect(address)
        case .unknown: return skip(sentinel, "knows no primary called `\(name)`")
        case .wrong(let reason): return skip(sentinel, reason)
        }
    }

    /// The sentinel or server that was asked could not be reached, or refused.
    package mutating func failed(_ reason: String) -> Action {
        switch state {
        case .resting: return next()
        case .asking(let sentinel): return skip(sentinel, reason)
        case .connecting(let address, let sentinel):
            return skip(sentinel, "named \(address): \(reason)", pausing: Self.pause)
        }
    }

    private mutating func skip(_ sentinel: NodeAddress, _ reason: String, pausing delay: Int = 0) -> Action {
        reasons.removeAll { $0.sentinel == sentinel }
        reasons.append((sentinel, reason))
        return next(delay)
    }

    private mutating func next(_ delay: Int = 0) -> Action {
        guard let sentinel = queue.popFirst() else {
            state = .resting
            rounds += 1
            return .wait(max(delay, min(rounds * 10, Self.maximumPause)))
        }
        state = .asking(sentinel)
        return .ask(sentinel, delay: delay)
    }

    /// Every sentinel with its reason.
    package var report: String {
        let list = reasons.map { "\($0.sentinel): \($0.reason)" }.joined(separator: "; ")
        return "no primary called `\(name)` was found – \(list.isEmpty ? "no sentinel was asked" : list)"
    }
}
