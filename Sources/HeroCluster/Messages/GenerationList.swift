// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero

/// The generations that have served, for a person.
package struct GenerationList {
    private let status: JSON

    /// - Parameter status: What the master answers.
    package init(_ status: JSON) {
        self.status = status
    }

    /// A line for each, the one that serves once, those that were rolled back with the reason.
    package var lines: [String] {
        let served = status["served"]?.arrayValue ?? []
        let rolledBack = status["rolledBack"]?.arrayValue ?? []
        let roots = Set((served + rolledBack).compactMap { $0["root"]?.stringValue })
        var all: [(number: Int, text: String)] = []
        for entry in served + rolledBack {
            guard let number = entry["generation"]?.intValue else { continue }
            var text = "generation \(number)"
            // Every release may have its own generation 1.
            if roots.count > 1, let root = entry["root"]?.stringValue { text += " of \(root)" }
            if entry["serves"]?.boolValue == true { text += " (serves)" }
            if let reason = entry["reason"]?.stringValue { text += " (rolled back: \(reason))" }
            all.append((number, text))
        }
        // Numbers of different releases say nothing about their order.
        return (roots.count > 1 ? all : all.sorted { $0.number < $1.number }).map(\.text)
    }
}
