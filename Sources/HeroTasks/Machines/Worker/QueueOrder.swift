// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Which queues a process works, and in which order it asks them.
package struct QueueOrder: Sendable, Hashable {
    package enum Entry: Sendable, Hashable {
        case name(String)
        /// `*`: all that there are, in the order of their names.
        case all
        /// `!name`: not this one, whatever else says.
        case except(String)
        /// `name,5`: as often before the others as its weight says.
        case weighted(String, Int)
    }

    package let entries: [Entry]
    private let exceptions: Set<String>
    package let isWeighted: Bool
    /// Whether all depends on what there is.
    package let hasAll: Bool
    private var known: [String] = []
    /// Those that a claim cannot be sent for, and until when, in nanoseconds.
    private var bad: [String: Int] = [:]
    private var cached: [String]

    /// - Parameter texts: As the configuration has them.
    package init(_ texts: [String]) {
        self.init(entries: texts.map(Self.entry))
    }

    private init(entries: [Entry]) {
        self.entries = entries
        exceptions = Set(entries.compactMap { if case .except(let name) = $0 { name } else { nil } })
        isWeighted = entries.contains { if case .weighted = $0 { true } else { false } }
        // Only exceptions are exceptions to all.
        let isOpen = entries.allSatisfy { if case .except = $0 { true } else { false } }
        hasAll = isOpen || entries.contains(.all)
        cached = []
        cached = plain()
    }

    private static func entry(_ text: String) -> Entry {
        if text == "*" { return .all }
        if text.hasPrefix("!"), text.utf8.count > 1 { return .except(String(text.dropFirst())) }
        if let comma = text.lastIndex(of: ","), let weight = Int(text[text.index(after: comma)...]),
            (1...1000).contains(weight), comma > text.startIndex
        {
            return .weighted(String(text[..<comma]), weight)
        }
        return .name(text)
    }

    /// What follows the name of a worker in Resque's records.
    package var text: String {
        let names = entries.map { entry in
            switch entry {
            case .name(let name), .weighted(let name, _): name
            case .all: "*"
            case .except(let name): "!" + name
            }
        }
        return names.isEmpty ? "*" : names.joined(separator: ",")
    }

    /// The queues that there are have been listed.
    ///
    /// - Returns: Whether there are others than before.
    package mutating func list(_ names: [String]) -> Bool {
        let sorted = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        guard sorted != known else { return false }
        known = sorted
        cached = plain()
        return true
    }

    /// A queue whose key is of another type, so that no claim that names it gets anything.
    package mutating func exclude(_ name: String, until: Int) { bad[name] = until }

    /// How many queues an order has.
    package func count(now: Int) -> Int { cached.count - cached.lazy.filter { bad[$0] ?? .min > now }.count }

    /// The order for one claim.
    package mutating func next(now: Int, using random: inout some RandomNumberGenerator) -> [String] {
        var names = isWeighted ? Self.shuffled(weights(), using: &random) : cached
        guard !bad.isEmpty else { return names }
        bad = bad.filter { $0.value > now }
        names.removeAll { bad[$0] != nil }
        return names
    }

    private var rest: [String] {
        let named = Set(
            entries.compactMap { entry in
                switch entry {
                case .name(let name), .weighted(let name, _): name
                case .all, .except: nil
                }
            })
        return known.filter { !named.contains($0) }
    }

    /// As they are written; where everything is meant stands what is not named.
    private func plain() -> [String] {
        var names: [String] = []
        var seen = exceptions
        for entry in entries {
            switch entry {
            case .name(let name), .weighted(let name, _): if seen.insert(name).inserted { names.append(name) }
            case .all: names += rest.filter { seen.insert($0).inserted }
            case .except: break
            }
        }
        if hasAll, !entries.contains(.all) { names += rest.filter { seen.insert($0).inserted } }
        return names
    }

    private func weights() -> [(name: String, weight: Int)] {
        let given = entries.reduce(into: [String: Int]()) { given, entry in
            if case .weighted(let name, let weight) = entry { given[name] = weight }
        }
        return cached.map { ($0, given[$0] ?? 1) }
    }

    /// One after the other, each as likely as its weight among those that are left.
    private static func shuffled(
        _ weights: [(name: String, weight: Int)], using random: inout some RandomNumberGenerator
    ) -> [String] {
        var left = weights
        var total = left.reduce(0) { $0 + $1.weight }
        var names: [String] = []
        while !left.isEmpty {
            var point = Int.random(in: 0..<total, using: &random)
            let index = left.firstIndex { entry in
                point -= entry.weight
                return point < 0
            }
            let entry = left.remove(at: index ?? 0)
            total -= entry.weight
            names.append(entry.name)
        }
        return names
    }
}
