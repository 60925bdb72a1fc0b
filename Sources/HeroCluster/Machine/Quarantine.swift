// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Actions that were executing in too many crashes and answer 503 instead of crashing the next worker.
struct Quarantine: Codable, Sendable {
    private var crashes: [String: [Int]] = [:]
    private(set) var names: Set<String> = []

    /// - Parameters:
    ///   - suspects: Actions that were executing when a worker crashed.
    ///   - now: Milliseconds.
    ///   - settings: How many crashes are too many.
    /// - Returns: Names that are new in quarantine.
    mutating func record(_ suspects: [String], now: Int, _ settings: ClusterSettings.QuarantineSettings) -> [String] {
        guard settings.crashes > 0 else { return [] }
        var added: [String] = []
        for name in Set(suspects).sorted() where !names.contains(name) {
            let recent = (crashes[name] ?? []).filter { $0 > now - settings.window } + [now]
            crashes[name] = recent
            if recent.count >= settings.crashes {
                names.insert(name)
                crashes[name] = nil
                added.append(name)
            }
        }
        crashes = crashes.filter { $0.value.contains { $0 > now - settings.window } }
        return added
    }

    /// - Parameter name: `name` for all versions, or `name@version`.
    /// - Returns: Whether anything was in quarantine under that name.
    mutating func release(_ name: String) -> Bool {
        let released = names.filter { $0 == name || $0.split(separator: "@").first.map(String.init) == name }
        names.subtract(released)
        return !released.isEmpty
    }

    mutating func releaseAll() {
        names = []
        crashes = [:]
    }
}
