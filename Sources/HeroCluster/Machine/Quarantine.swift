// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

/// Actions that were executing in too many crashes and answer 503 instead of crashing the next worker.
///
/// Names are compared by their bytes: what Swift takes for the same text may be two actions.
struct Quarantine: Codable, Sendable {
    private struct Record: Sendable {
        let name: String
        var times: [Int]
    }

    /// The latest crashes of each action.
    private var records: [Record] = []
    /// Sorted.
    private(set) var names: [String] = []

    private enum CodingKeys: CodingKey {
        case crashes, names
    }

    init() {}

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        records = try container.decode([String: [Int]].self, forKey: .crashes).map { Record(name: $0, times: $1) }
        names = try container.decode([String].self, forKey: .names)
    }

    /// As a table by name: of two names that Swift takes for one, one is forgotten.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(
            Dictionary(records.map { ($0.name, $0.times) }, uniquingKeysWith: +), forKey: .crashes)
        try container.encode(names, forKey: .names)
    }

    /// - Parameters:
    ///   - suspects: Actions that were executing when a worker crashed.
    ///   - now: Milliseconds.
    ///   - settings: How many crashes are too many.
    /// - Returns: Names that are new in quarantine.
    mutating func record(_ suspects: [String], now: Int, _ settings: ClusterSettings.QuarantineSettings) -> [String] {
        guard settings.crashes > 0 else { return [] }
        let end = now - settings.window
        var added: [String] = []
        for name in Set(suspects.map(ByteKey.init)).map(\.text).sorted() where !names.containsSame(name) {
            var record = records.first { $0.name.isSame(as: name) } ?? Record(name: name, times: [])
            record.times = record.times.filter { $0 > end } + [now]
            records.removeAll { $0.name.isSame(as: name) }
            if record.times.count >= settings.crashes { added.append(name) } else { records.append(record) }
        }
        records.removeAll { !$0.times.contains { $0 > end } }
        names = (names + added).sorted()
        return added
    }

    /// - Parameter name: `name` for all versions, or `name@version`.
    /// - Returns: Whether anything was in quarantine under that name.
    mutating func release(_ name: String) -> Bool {
        let before = names.count
        names.removeAll { label in
            label.isSame(as: name) || String(label.utf8.prefix { $0 != UInt8(ascii: "@") })?.isSame(as: name) == true
        }
        return names.count < before
    }

    mutating func releaseAll() { self = Quarantine() }
}
