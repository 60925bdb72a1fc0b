// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Finds the word that was meant.
package enum Spelling {
    /// - Parameters:
    ///   - word: What was written.
    ///   - candidates: What exists.
    /// - Returns: The only candidate that begins with the word, if the word has three letters or more, and none if
    ///   several do; or else the one with the fewest differences, if they are few for the word's length.
    package static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
        let limit = max(2, word.count / 4)
        let length = word.count
        let lowercase = word.lowercased()
        let begun = candidates.filter { length > 2 && $0.count > length && $0.lowercased().hasPrefix(lowercase) }
        // Several are meant as likely as one another.
        if !begun.isEmpty { return begun.count == 1 ? begun.first : nil }
        // What differs more in length needs no closer look, and a word of a file may be as long as the file.
        let ranked = candidates.filter { abs($0.count - length) <= limit }.map {
            (word: $0, distance: distance(lowercase, $0.lowercased()))
        }
        return ranked.filter { $0.distance <= limit }.min { $0.distance < $1.distance }?.word
    }

    /// Insertions, deletions and replacements between two words (Levenshtein).
    package static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right)
        var row = Array(0...right.count)
        for (position, character) in left.enumerated() {
            var diagonal = row[0]
            row[0] = position + 1
            for column in right.indices {
                let replaced = diagonal + (character == right[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, row[column] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }
}
