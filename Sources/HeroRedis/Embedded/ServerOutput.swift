// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

/// What `redis-server` writes, as lines for our log.
struct ServerOutput: Sendable {
    private static let remembered = 8
    /// A longer line is cut.
    private static let longestLine = 4096

    private var rest: [UInt8] = []
    /// Whether more may come.
    var isOpen = true
    /// For the report of its end.
    private(set) var lastLines: [String] = []

    mutating func append(_ bytes: ArraySlice<UInt8>) -> [(level: LogLevel, text: String)] {
        var lines: [(LogLevel, String)] = []
        for byte in bytes {
            if byte != UInt8(ascii: "\n") {
                if rest.count < Self.longestLine { rest.append(byte) }
                continue
            }
            let line = String(decoding: rest, as: UTF8.self)
            rest = []
            let (level, text) = Self.read(line)
            guard !text.isEmpty else { continue }
            lastLines = (lastLines + [text]).suffix(Self.remembered)
            lines.append((level, text))
        }
        return lines
    }

    /// `123:M 21 Nov 2026 13:20:40.123 * Ready`: process and role, time, a mark for the level, text.
    ///
    /// The mark # is for whatever the server finds worth a warning, "just started" among it.
    private static func read(_ line: String) -> (LogLevel, String) {
        let words = line.split(separator: " ", maxSplits: 6, omittingEmptySubsequences: true)
        guard words.count == 7, words[0].contains(":"), words[4].contains(":"), words[5].count == 1 else {
            return (.info, line)
        }
        return (words[5] == "#" ? .info : .debug, String(words[6]))
    }
}
