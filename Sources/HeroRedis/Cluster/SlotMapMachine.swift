// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// What a client knows of its Redis Cluster, and when it asks again; without sockets and without a clock.
package struct SlotMapMachine: Sendable {
    /// Whom to ask for the map, if anybody.
    package enum RefreshAction: Sendable, Hashable {
        /// In this order, until one has given a usable map.
        case ask([NodeAddress])
        /// Somebody is asking already; it is asked once more after that.
        case none
    }

    /// What follows from an answer, or from the lack of one.
    package struct Outcome: Sendable, Hashable {
        /// Nodes that serve nobody any more: finish what is in flight, then close.
        package var leaving: [NodeAddress]
        /// Milliseconds until ``SlotMapMachine/restIsOver(using:)`` is due.
        package var rest: Int

        package init(leaving: [NodeAddress] = [], rest: Int) {
            self.leaving = leaving
            self.rest = rest
        }
    }

    private enum Refresh: Sendable {
        case idle
        case running(isWantedAgain: Bool)
        /// Nobody is asked for a moment, however many wish for it.
        case resting(isWanted: Bool)
    }

    /// Milliseconds that one node has to give the map.
    package static let answerLimit = 1000
    /// Milliseconds between two refreshes.
    static let usualRest = 100
    static let maximumRest = 2000

    /// The nodes of the configuration, which are never forgotten.
    private let seeds: [NodeAddress]
    private let readsReplicas: Bool
    package private(set) var map: SlotMap?
    private var refresh = Refresh.idle
    private var failures = 0

    package init(seeds: [NodeAddress], readsReplicas: Bool = false) {
        self.seeds = seeds
        self.readsReplicas = readsReplicas
    }

    // MARK: - Where commands go

    /// - Parameters:
    ///   - slot: 0 to 16383.
    ///   - isRead: Whether a replica may answer, if the configuration lets it.
    ///   - random: Chooses among replicas.
    /// - Returns: `nil` while nobody is known to have the slot.
    package func node(
        of slot: Int, isRead: Bool, using random: inout some RandomNumberGenerator
    ) -> NodeAddress? {
        guard let shard = map?.shard(of: slot) else { return nil }
        guard isRead, readsReplicas else { return shard.primary }
        return shard.replicas.randomElement(using: &random) ?? shard.primary
    }

    package func anyPrimary(using random: inout some RandomNumberGenerator) -> NodeAddress? {
        map?.primaries.randomElement(using: &random)
    }

    /// A node for subscriptions: any one, other than one that has just failed if there is a choice.
    package func anyNode(except failed: NodeAddress?, using random: inout some RandomNumberGenerator) -> NodeAddress? {
        let nodes = (map?.nodes ?? Set(seeds)).sorted()
        return nodes.filter { $0 != failed }.randomElement(using: &random) ?? nodes.first
    }

    package func has(_ node: NodeAddress) -> Bool { map.map { $0.nodes.contains(node) } ?? seeds.contains(node) }

    /// Whether a connection to the node is of any use.
    private func serves(_ node: NodeAddress, in map: SlotMap) -> Bool {
        readsReplicas ? map.nodes.contains(node) : map.primaries.contains(node)
    }

    // MARK: - Events

    /// Something is wrong with the map, or its time has come.
    package mutating func wantsRefresh(using random: inout some RandomNumberGenerator) -> RefreshAction {
        switch refresh {
        case .running:
            refresh = .running(isWantedAgain: true)
            return .none
        case .resting:
            refresh = .resting(isWanted: true)
            return .none
        case .idle: return start(using: &random)
        }
    }

    /// The time of ``Outcome/rest`` is over.
    package mutating func restIsOver(using random: inout some RandomNumberGenerator) -> RefreshAction {
        guard case .resting(let isWanted) = refresh else { return .none }
        refresh = .idle
        return isWanted ? start(using: &random) : .none
    }

    private mutating func start(using random: inout some RandomNumberGenerator) -> RefreshAction {
        refresh = .running(isWantedAgain: false)
        let others = Set(seeds).union(map?.nodes ?? [])
        return .ask(others.sorted().shuffled(using: &random))
    }

    /// A redirection has told where a slot is.
    package mutating func corrected(_ correction: CommandAttempts.Correction) {
        _ = map?.move(slot: correction.slot, to: correction.node)
    }

    package mutating func received(_ new: SlotMap) -> Outcome {
        let leaving = (map?.nodes ?? []).filter { !serves($0, in: new) }.sorted()
        map = new
        failures = 0
        rest()
        return Outcome(leaving: leaving, rest: Self.usualRest)
    }

    /// Nobody gave a usable map.
    package mutating func refreshFailed() -> Outcome {
        failures += 1
        rest()
        return Outcome(rest: min(Self.usualRest * failures, Self.maximumRest))
    }

    private mutating func rest() {
        let isWanted = if case .running(isWantedAgain: true) = refresh { true } else { false }
        refresh = .resting(isWanted: isWanted || map == nil)
    }
}
