// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroSystem

/// Columns for a person; what stands in them may come from anybody.
struct TextTable {
    private var rows: [[String]]

    init(_ header: String...) { rows = [header] }

    var isEmpty: Bool { rows.count == 1 }

    mutating func add(_ cells: String...) { rows.append(cells.map { PlainText.line($0) }) }

    var text: String {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            let line = cells.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }.joined(separator: "\n")
    }
}

/// Spans of time for a person.
enum SpanText {
    /// - Parameter milliseconds: Less than 0 is nothing.
    /// - Returns: `350 ms`, `12 s`, `5 min`, `3 h` or `2 d`, rounded down.
    static func of(_ milliseconds: Int) -> String {
        switch max(0, milliseconds) {
        case let time where time < 1000: "\(time) ms"
        case let time where time < 120_000: "\(time / 1000) s"
        case let time where time < 7_200_000: "\(time / 60_000) min"
        case let time where time < 172_800_000: "\(time / 3_600_000) h"
        case let time: "\(time / 86_400_000) d"
        }
    }

    /// `in 5 s`, or `5 s late`.
    static func until(_ moment: Int, now: Int) -> String {
        moment > now ? "in \(of(moment - now))" : "\(of(now - moment)) late"
    }
}
