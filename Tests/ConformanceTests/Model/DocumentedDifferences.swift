// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport

/// `docs/differences.md`: where we differ from the reference on purpose.
///
/// The reasons are for people. Fences marked `diff` are for the tests: `@@` names a recorded case (several may follow one
/// another, and `*` stands for any text), a line that begins with a space names a field, `-` is what was recorded and `+`
/// what we answer.
struct DocumentedDifferences: Sendable {
    struct Entry: Sendable {
        /// The heading above.
        var section: String
        var cases: [String] = []
        var differences: [Difference] = []
    }

    let entries: [Entry]

    static let document = Result { try DocumentedDifferences(parsing: Stage.text("docs/differences.md")) }

    /// What is said about a case.
    ///
    /// - Parameters:
    ///   - title: The case.
    ///   - recorded: The recorded values by field. An entry for many cases counts for those that have the recorded value.
    /// - Returns: The differences that the case must have, no more and no less.
    func listed(for title: String, recorded: [(field: String, value: String)]) -> [Difference] {
        let own = Set(entries.filter { $0.cases.contains(title) }.flatMap(\.differences).map(\.field))
        return entries.flatMap { entry -> [Difference] in
            if entry.cases.contains(title) { return entry.differences }
            guard entry.cases.contains(where: { Self.fits($0, title) }) else { return [] }
            // What is listed for the case itself is said instead of what is listed for many.
            return entry.differences.filter { difference in
                !own.contains(difference.field)
                    && recorded.contains { $0.field == difference.field && $0.value == difference.recorded }
            }
        }
    }

    static func fits(_ pattern: String, _ title: String) -> Bool {
        guard pattern.contains("*") else { return pattern == title }
        let expression = NSRegularExpression.escapedPattern(for: pattern).replacingOccurrences(of: "\\*", with: ".*")
        return title.range(of: "^\(expression)$", options: .regularExpression) != nil
    }
}

extension DocumentedDifferences {
    struct Unreadable: Error {
        let line: Int
        let text: String
    }

    init(parsing text: String) throws {
        var reader = Reader()
        for (index, line) in text.components(separatedBy: "\n").enumerated() {
            guard reader.read(line) else { throw Unreadable(line: index + 1, text: line) }
        }
        entries = reader.entries
    }

    private struct Reader {
        var entries: [Entry] = []
        private var section = ""
        private var isFenced = false
        private var field: String?

        mutating func read(_ line: String) -> Bool {
            if !isFenced {
                if line.hasPrefix("#") { section = String(line.drop { $0 == "#" || $0 == " " }) }
                isFenced = line == "```diff"
                return true
            }
            switch line.first {
            case "`":
                (isFenced, field) = (false, nil)
                return true
            case "@": return readCase(line)
            case " ":
                field = String(line.dropFirst())
                return !entries.isEmpty
            case "-": return add(recorded: String(line.dropFirst()))
            case "+": return add(ours: String(line.dropFirst()))
            default: return false
            }
        }

        private mutating func readCase(_ line: String) -> Bool {
            guard line.hasPrefix("@@ ") else { return false }
            if entries.isEmpty || field != nil || entries[entries.count - 1].section != section
                || !entries[entries.count - 1].differences.isEmpty
            {
                entries.append(Entry(section: section))
            }
            field = nil
            entries[entries.count - 1].cases.append(String(line.dropFirst(3)))
            return true
        }

        private mutating func add(recorded: String) -> Bool {
            guard let field, !entries.isEmpty else { return false }
            entries[entries.count - 1].differences.append(Difference(field: field, recorded: recorded, ours: nil))
            return true
        }

        private mutating func add(ours: String) -> Bool {
            guard let field, !entries.isEmpty else { return false }
            // Lines come and go; every other field has one value, which becomes another.
            if field != "line", let last = entries[entries.count - 1].differences.last, last.field == field,
                last.ours == nil
            {
                entries[entries.count - 1].differences.removeLast()
                entries[entries.count - 1].differences.append(
                    Difference(field: field, recorded: last.recorded, ours: ours))
            } else {
                entries[entries.count - 1].differences.append(Difference(field: field, recorded: nil, ours: ours))
            }
            return true
        }
    }
}
