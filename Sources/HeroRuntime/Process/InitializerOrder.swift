// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroBundles
internal import HeroConfiguration

/// Puts named things into an order given by numbers and by names that have to come first.
struct InitializerOrder {
    struct Entry: Sendable {
        let name: String
        let loadPriority: Int
        let startPriority: Int
        let stopPriority: Int
        let after: [String]
        /// For messages.
        let file: String
    }

    enum Fault: Error, Hashable, CustomStringConvertible {
        case unknown(name: String, wantedBy: String, known: [String])
        case cycle([String])
        case duplicate(String, first: String, second: String)
        case badPriority(String, property: String, value: Int)

        var description: String {
            switch self {
            case .unknown(let name, let wantedBy, let known):
                let hint = Spelling.nearest(to: name, among: known).map { " – did you mean `\($0)`?" } ?? ""
                return "initializer `\(wantedBy)` wants to come after `\(name)`, which does not exist\(hint)"
            case .cycle(let names):
                return "initializers wait for each other: \(names.joined(separator: " → "))"
            case .duplicate(let name, let first, let second):
                return
                    "initializer \(name) is defined \(BundleProblem.definitions(first, second)) – remove or rename one"
            case .badPriority(let name, let property, let value):
                return
                    "\(property) is a required property for the initializer `\(name)` and must be 1 or more, not \(value)"
            }
        }
    }

    let entries: [Entry]

    /// - Parameter entries: In the order in which they were found.
    /// - Throws: ``Fault``.
    init(_ entries: [Entry]) throws(Fault) {
        self.entries = entries
        try checkEntries()
        if let cycle = findCycle() { throw .cycle(cycle) }
    }

    /// Positions in `entries`, ascending by priority; what must come first does.
    func order(by priority: any KeyPath<Entry, Int> & Sendable) -> [Int] {
        sort(keys: entries.indices.map { (entries[$0][keyPath: priority], $0) }, predecessors: predecessors)
    }

    /// The order for stopping: ascending by stop priority, in reverse of starting where that leaves a choice, and never
    /// before what depends on it has stopped.
    func stopOrder() -> [Int] {
        let started = order(by: \.startPriority)
        var place = [Int](repeating: 0, count: entries.count)
        for (position, entry) in started.enumerated() { place[entry] = entries.count - position }
        var successors = [[Int]](repeating: [], count: entries.count)
        for (position, before) in predecessors.enumerated() {
            for earlier in before { successors[earlier].append(position) }
        }
        return sort(keys: entries.indices.map { (entries[$0].stopPriority, place[$0]) }, predecessors: successors)
    }

    private var predecessors: [[Int]] {
        entries.map { entry in
            entry.after.compactMap { name in entries.firstIndex { $0.name.isSame(as: name) } }
        }
    }

    /// Repeatedly takes the entry with the smallest key among those that nothing has to precede any more.
    private func sort(keys: [(Int, Int)], predecessors: [[Int]]) -> [Int] {
        var waiting = Set(entries.indices)
        var sorted: [Int] = []
        while let next = waiting.filter({ position in predecessors[position].allSatisfy { !waiting.contains($0) } })
            .min(by: { keys[$0] < keys[$1] })
        {
            waiting.remove(next)
            sorted.append(next)
        }
        return sorted
    }

    private func checkEntries() throws(Fault) {
        for (position, entry) in entries.enumerated() {
            if let first = entries[..<position].first(where: { $0.name.isSame(as: entry.name) }) {
                throw .duplicate(entry.name, first: first.file, second: entry.file)
            }
            let priorities = [
                ("loadPriority", entry.loadPriority), ("startPriority", entry.startPriority),
                ("stopPriority", entry.stopPriority),
            ]
            for (property, value) in priorities where value < 1 {
                throw .badPriority(entry.name, property: property, value: value)
            }
            for name in entry.after where !entries.contains(where: { $0.name.isSame(as: name) }) {
                throw .unknown(name: name, wantedBy: entry.name, known: entries.map(\.name))
            }
        }
    }

    private func findCycle() -> [String]? {
        let sorted = Set(order(by: \.loadPriority))
        guard let start = entries.indices.first(where: { !sorted.contains($0) }) else { return nil }
        // Walk backwards along names that are not in the order; the walk must meet itself.
        var path = [start]
        while true {
            guard let last = path.last, let next = predecessors[last].first(where: { !sorted.contains($0) }) else {
                return path.map { entries[$0].name }
            }
            if let first = path.firstIndex(of: next) {
                return (path[first...] + [next]).map { entries[$0].name }
            }
            path.append(next)
        }
    }
}
