// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Which node has which slots.
package struct SlotMap: Sendable, Hashable {
    /// A primary and its replicas.
    package struct Shard: Sendable, Hashable {
        package let primary: NodeAddress
        package let replicas: [NodeAddress]
    }

    /// Sorted by primary, so that two maps of the same cluster are equal and cursors keep their meaning.
    package private(set) var shards: [Shard]
    /// For each slot the number of its shard; ``nobody`` for slots that have none.
    private var owners: [UInt16]

    private static let nobody = UInt16.max
    /// Redis' own recommendation is at most 1000.
    static let maximumNodes = 4096

    package func primary(of slot: Int) -> NodeAddress? { shard(of: slot)?.primary }

    package func shard(of slot: Int) -> Shard? {
        guard owners.indices.contains(slot), owners[slot] != Self.nobody else { return nil }
        return shards[Int(owners[slot])]
    }

    package var primaries: [NodeAddress] { shards.map(\.primary) }
    package var nodes: Set<NodeAddress> { Set(shards.flatMap { [$0.primary] + $0.replicas }) }
    package var coveredSlots: Int { owners.count { $0 != Self.nobody } }

    /// Corrects one slot, as a redirection says.
    ///
    /// - Returns: Whether that was new.
    package mutating func move(slot: Int, to node: NodeAddress) -> Bool {
        guard owners.indices.contains(slot), primary(of: slot) != node else { return false }
        if let known = shards.firstIndex(where: { $0.primary == node }) {
            owners[slot] = UInt16(known)
        } else {
            guard shards.count < Self.maximumNodes else { return false }
            // At the end and not in order: the map from the cluster, which is asked for now, replaces all this.
            owners[slot] = UInt16(shards.count)
            shards.append(Shard(primary: node, replicas: []))
        }
        return true
    }
}

extension SlotMap {
    /// Reads the answer to `CLUSTER SLOTS`.
    ///
    /// - Parameters:
    ///   - reply: As it came; nothing about it is taken for granted.
    ///   - asked: The node that answered; an empty host stands for its host.
    /// - Throws: ``RedisError`` that says what is wrong with the answer.
    package init(_ reply: RESPValue, from asked: NodeAddress) throws(RedisError) {
        func wrong(_ what: String) -> RedisError {
            RedisError(.refused, "\(asked) answered CLUSTER SLOTS with \(what)")
        }
        guard let ranges = reply.elements else { throw wrong("something that is not a list") }
        guard !ranges.isEmpty else { throw wrong("no slots: it belongs to no cluster yet") }
        guard ranges.count <= HashSlot.count else { throw wrong("\(ranges.count) ranges of slots") }
        var owned: [(slots: ClosedRange<Int>, primary: NodeAddress)] = []
        var replicas: [NodeAddress: Set<NodeAddress>] = [:]
        var nodes = 0
        for range in ranges {
            guard let fields = range.elements, fields.count >= 3, case .integer(let first) = fields[0],
                case .integer(let last) = fields[1]
            else { throw wrong("a range of slots that has no numbers or no node") }
            guard 0 <= first, first <= last, last < HashSlot.count else { throw wrong("slots \(first) to \(last)") }
            guard let primary = Self.endpoint(fields[2], from: asked) else {
                throw wrong("a node without a usable address for slots \(first) to \(last)")
            }
            nodes += replicas[primary] == nil ? fields.count - 2 : 0
            guard nodes <= Self.maximumNodes else { throw wrong("more than \(Self.maximumNodes) nodes") }
            owned.append((first...last, primary))
            // A replica whose address is not known yet is no reason to refuse the whole map.
            let others = fields.dropFirst(3).prefix(Self.maximumNodes).compactMap { Self.endpoint($0, from: asked) }
            replicas[primary, default: []].formUnion(others)
        }
        shards = replicas.keys.sorted().map { primary in
            Shard(primary: primary, replicas: (replicas[primary] ?? []).subtracting([primary]).sorted())
        }
        let numbers = Dictionary(uniqueKeysWithValues: shards.enumerated().map { ($1.primary, UInt16($0)) })
        owners = Array(repeating: Self.nobody, count: HashSlot.count)
        for (slots, primary) in owned {
            for slot in slots {
                guard owners[slot] == Self.nobody else { throw wrong("slot \(slot) twice") }
                owners[slot] = numbers[primary] ?? Self.nobody
            }
        }
    }

    private static func endpoint(_ value: RESPValue, from asked: NodeAddress) -> NodeAddress? {
        guard let fields = value.elements, fields.count >= 2, case .integer(let port) = fields[1] else { return nil }
        switch fields[0] {
        case .null: return NodeAddress(checkedHost: "", port: port, fallbackHost: asked.host)
        case .bytes, .status:
            return NodeAddress(checkedHost: fields[0].text ?? "", port: port, fallbackHost: asked.host)
        case .integer, .error, .array: return nil
        }
    }
}
