// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

/// Texts that users read, kept in `Tests/HostTests/Golden`.
///
/// After a wanted change, `HERO_UPDATE_GOLDEN=1 swift test --filter HelpTests` writes them anew; `git diff` shows what
/// users will notice.
enum Golden {
    static let directory = "\(Stage.repository)/Tests/HostTests/Golden"

    static var names: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.hasSuffix(".txt") }
                .map { String($0.dropLast(4)) }.sorted()
        }
    }

    /// Compares a text with the file of that name.
    ///
    /// - Parameters:
    ///   - text: What the program printed.
    ///   - name: The file's name without `.txt`.
    /// - Throws: An error when the file cannot be read, or written where that was asked for.
    static func expect(_ text: String, _ name: String) throws {
        let path = "\(directory)/\(name).txt"
        if ProcessInfo.processInfo.environment["HERO_UPDATE_GOLDEN"] == "1" {
            return try text.write(toFile: path, atomically: true, encoding: .utf8)
        }
        let wanted = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        guard text != wanted else { return }
        Issue.record(
            """
            Golden/\(name).txt is not what was printed (- wanted, + printed); if the change is meant:
            HERO_UPDATE_GOLDEN=1 swift test --filter HelpTests
            \(difference(wanted, text))
            """)
    }

    /// Lines of both texts, the differing ones marked.
    static func difference(_ wanted: String, _ printed: String) -> String {
        let (old, new) = (wanted.components(separatedBy: "\n"), printed.components(separatedBy: "\n"))
        let changes = new.difference(from: old)
        let removed = Set(changes.removals.map { $0.position })
        let inserted = Set(changes.insertions.map { $0.position })
        var (lines, at): ([String], Int) = ([], 0)
        for (position, line) in old.enumerated() {
            if removed.contains(position) {
                lines.append("- \(line)")
                continue
            }
            while inserted.contains(at) {
                lines.append("+ \(new[at])")
                at += 1
            }
            lines.append("  \(line)")
            at += 1
        }
        return (lines + new[at...].map { "+ \($0)" }).joined(separator: "\n")
    }
}

extension CollectionDifference.Change {
    fileprivate var position: Int {
        switch self {
        case .insert(let offset, _, _), .remove(let offset, _, _): offset
        }
    }
}

extension Finished {
    /// The output as JSON.
    func decoded<T: Decodable>(_ type: T.Type) throws -> T {
        try JSONDecoder().decode(type, from: Data(output.utf8))
    }
}
