// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero

/// The status for a person.
package struct StatusTable {
    private let status: JSON

    /// - Parameter status: What the master answers.
    package init(_ status: JSON) {
        self.status = status
    }

    /// Lines: the state, the last rejection, the workers.
    package var text: String {
        var lines = ["\(value("state")): \(value("summary"))"]
        let rejection = (status["lastRejection"]?.arrayValue ?? []).compactMap(\.stringValue)
        if !rejection.isEmpty { lines.append("last deploy rejected: " + rejection.joined(separator: "\n  ")) }
        let header = ["id", "pid", "generation", "state", "age", "connections", "requests", "5xx", "memory", "crashes"]
        let rows = (status["workers"]?.arrayValue ?? []).map { worker in
            func number(_ name: String) -> String { worker[name]?.intValue.map(String.init) ?? "" }
            return [
                number("id"), number("pid"), number("generation"), worker["state"]?.stringValue ?? "",
                number("ageSeconds") + " s", number("connections"), number("requests"), number("errors5xx"),
                number("residentMegabytes") + " MB", number("crashesInARow"),
            ]
        }
        guard !rows.isEmpty else { return lines.joined(separator: "\n") }
        let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
        for row in [header] + rows {
            lines.append(
                zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  "))
        }
        return lines.joined(separator: "\n")
    }

    private func value(_ name: String) -> String { status[name]?.stringValue ?? "" }
}
