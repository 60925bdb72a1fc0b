// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// The sentinels that a client knows, in the order in which it asks them.
package struct SentinelList: Sendable, Hashable {
    /// The sentinels of the configuration, which are never forgotten.
    private let configured: [NodeAddress]
    package private(set) var order: [NodeAddress]

    /// A sentinel that names thousands of others is not believed.
    static let maximumLearned = 64

    package init(_ configured: [NodeAddress]) {
        var seen: Set<NodeAddress> = []
        self.configured = configured.filter { seen.insert($0).inserted }
        order = self.configured
    }

    /// The sentinel has answered: it is asked first next time.
    package mutating func succeeded(_ sentinel: NodeAddress) {
        guard let position = order.firstIndex(of: sentinel), position > 0 else { return }
        order.remove(at: position)
        order.insert(sentinel, at: 0)
    }

    /// Another sentinel knows these; what it no longer knows is dropped, unless the configuration has it.
    ///
    /// - Parameters:
    ///   - others: Those that are connected.
    ///   - teller: Who has told; it does not name itself.
    package mutating func learned(_ others: [NodeAddress], from teller: NodeAddress) {
        let others = others.prefix(Self.maximumLearned)
        order.removeAll { !configured.contains($0) && !others.contains($0) && $0 != teller }
        for other in others where !order.contains(other) { order.append(other) }
    }
}
