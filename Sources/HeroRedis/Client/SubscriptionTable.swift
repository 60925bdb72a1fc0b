// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

/// Which subscriber wants which channels and patterns, and which of them the server knows of; without I/O.
struct SubscriptionTable {
    struct Name: Hashable {
        private let key: ByteKey
        let isPattern: Bool

        init(text: String, isPattern: Bool) {
            key = ByteKey(text)
            self.isPattern = isPattern
        }

        var text: String { key.text }
    }

    /// What has to be told to the server.
    struct Change: Hashable {
        var channels: [String] = []
        var patterns: [String] = []
        /// Tells acknowledgements of a name that was given up from those of one that is wanted anew.
        let stamp: Int
        var isEmpty: Bool { channels.isEmpty && patterns.isEmpty }

        init(_ names: some Sequence<Name>, stamp: Int) {
            self.stamp = stamp
            for name in names {
                if name.isPattern { patterns.append(name.text) } else { channels.append(name.text) }
            }
        }
    }

    private struct Entry {
        var subscribers: [Int] = []
        let stamp: Int
        var isAcknowledged = false
    }

    private var entries: [Name: Entry] = [:]
    private var names: [Int: [Name]] = [:]
    private var nextSubscriber = 1

    /// - Returns: The subscriber's number, and the names that nobody had wanted before.
    mutating func add(_ wanted: [Name]) -> (subscriber: Int, change: Change) {
        let subscriber = nextSubscriber
        nextSubscriber += 1
        var unique: [Name] = []
        var new: [Name] = []
        for name in wanted where !unique.contains(name) {
            unique.append(name)
            if entries[name] == nil { new.append(name) }
            entries[name, default: Entry(stamp: subscriber)].subscribers.append(subscriber)
        }
        names[subscriber] = unique
        return (subscriber, Change(new, stamp: subscriber))
    }

    /// - Returns: The names that nobody wants any more.
    mutating func remove(_ subscriber: Int) -> Change {
        var gone: [Name] = []
        for name in names.removeValue(forKey: subscriber) ?? [] {
            entries[name]?.subscribers.removeAll { $0 == subscriber }
            if entries[name]?.subscribers.isEmpty == true {
                entries[name] = nil
                gone.append(name)
            }
        }
        return Change(gone, stamp: nextSubscriber)
    }

    mutating func acknowledge(_ texts: [String], arePatterns: Bool, stamp: Int) {
        for name in texts.map({ Name(text: $0, isPattern: arePatterns) }) {
            guard let entry = entries[name], entry.stamp <= stamp else { continue }
            entries[name]?.isAcknowledged = true
        }
    }

    /// The server knows of nothing any more.
    mutating func forget() {
        for name in entries.keys { entries[name]?.isAcknowledged = false }
    }

    /// Whether the server knows of all that this subscriber wants.
    func isComplete(_ subscriber: Int) -> Bool {
        (names[subscriber] ?? []).allSatisfy { entries[$0]?.isAcknowledged == true }
    }

    /// Subscribers that want one of these.
    func subscribers(of texts: [String], arePatterns: Bool) -> Set<Int> {
        Set(texts.flatMap { entries[Name(text: $0, isPattern: arePatterns)]?.subscribers ?? [] })
    }

    /// Subscribers that get a message.
    func receivers(channel: String, pattern: String?) -> [Int] {
        entries[Name(text: pattern ?? channel, isPattern: pattern != nil)]?.subscribers ?? []
    }

    var all: Change { Change(entries.keys, stamp: nextSubscriber - 1) }
    var isEmpty: Bool { entries.isEmpty }
}
