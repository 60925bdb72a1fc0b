// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Cuts what a child writes into lines, and keeps apart what it writes while it crashes.
struct OutputCollector: Sendable {
    /// A longer line is cut: a child that writes without line breaks must not fill the master.
    static let longestLine = 16_384
    /// More lines than any backtrace has.
    static let longestReport = 2000
    /// How many lines are kept for a candidate that ends without a word.
    static let remembered = 20
    /// Lines between the runtime's last words and its backtrace.
    static let longestPreamble = 20

    private let findsReports: Bool
    private var rest: [UInt8] = []
    private var isOverlong = false
    private var report: [String] = []
    /// Lines that belong to a crash if one follows; a program may as well write them and go on.
    private var held: [String] = []

    /// - Parameter findsReports: Whether crashes are reported here, which Swift's runtime does on standard error.
    init(findsReports: Bool = true) {
        self.findsReports = findsReports
    }

    /// - Parameter bytes: What was read.
    /// - Returns: Lines that belong to no crash.
    mutating func append(_ bytes: some Sequence<UInt8>) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                if !isOverlong { take(to: &lines) }
                rest = []
                isOverlong = false
            } else if !isOverlong {
                rest.append(byte)
                if rest.count == Self.longestLine {
                    take(to: &lines)
                    rest = []
                    isOverlong = true
                }
            }
        }
        return lines
    }

    /// Ends the collection when the output has ended: the last line may have no line feed.
    mutating func finish() -> [String] {
        var lines: [String] = []
        if !rest.isEmpty, !isOverlong { take(to: &lines) }
        rest = []
        return lines
    }

    private mutating func take(to lines: inout [String]) {
        let line = String(decoding: rest, as: UTF8.self)
        guard findsReports else {
            lines.append(line)
            return
        }
        if !report.isEmpty {
            if report.count < Self.longestReport { report.append(line) }
        } else if line.hasPrefix("*** Signal ") || line.hasPrefix("*** Program crashed:") {
            report = held + [line]
            held = []
        } else if !held.isEmpty || Self.areLastWords(line) {
            held.append(line)
            if held.count == Self.longestPreamble { lines += takeHeld() }
        } else {
            lines.append(line)
        }
    }

    /// The report of a crash that was somebody else's.
    mutating func takeReport() -> [String] {
        defer { report = [] }
        return report
    }

    /// Lines that were no crash after all.
    mutating func takeHeld() -> [String] {
        defer { held = [] }
        return held
    }

    /// Swift's runtime says why it stops; then its backtracer begins.
    private static func areLastWords(_ line: String) -> Bool {
        line.hasPrefix("Fatal error") || line.contains(": Fatal error")
            || line.contains("Fatal access conflict detected") || line.hasPrefix("Could not cast value of type")
    }

    /// Whether a crash has begun: the backtracer ends the line that says so only when it has looked at everything.
    var isCrashing: Bool { !report.isEmpty || (findsReports && rest.starts(with: "*** Signal ".utf8)) }

    /// Whether the backtracer has said all that it has to say.
    var isReportComplete: Bool { report.contains { $0.hasPrefix("Backtrace took") } }

    /// What was written since the crash began, without what is the same in every crash.
    var crash: (message: String, lines: [String], thread: String?)? {
        // Without a backtracer, the last words are all there is.
        let written = report.isEmpty ? held : report
        guard !written.isEmpty else { return nil }
        let lines = written.filter { !$0.allSatisfy(\.isWhitespace) }
        let spoken = lines.first { Self.areLastWords($0) }
        // `Program crashed: …`, or `Swift runtime failure: …` for a trap, which has no last words.
        let crashed = lines.first { $0.hasPrefix("*** ") && !$0.hasPrefix("*** Signal ") }
        let message = spoken ?? crashed?.trimmingStars ?? lines.first?.signalName ?? ""
        let head = lines.first { $0.hasPrefix("Thread ") && $0.contains("crashed") }
        return (message, lines.filter { !$0.hasPrefix("*** Signal ") && $0 != spoken }, head?.quoted)
    }
}

extension String {
    /// `💣 *** Program crashed: … ***` without its decoration.
    fileprivate var trimmingStars: String {
        String(drop { $0 == "*" || $0 == " " }.reversed().drop { $0 == "*" || $0 == " " }.reversed())
    }

    /// `*** Signal 4: Backtracing from 0x7f… failed` as it is said where there is no backtrace; other lines as they are.
    fileprivate var signalName: String {
        let words = split(separator: " ")
        guard hasPrefix("*** Signal "), words.count > 2, let number = Int(words[2].prefix { $0.isNumber }) else {
            return trimmingStars
        }
        let names = [
            4: "illegal instruction", 5: "trap", 6: "aborted", 7: "bus error", 8: "arithmetic exception",
            11: "segmentation fault",
        ]
        return "ended by signal \(number)" + (names[number].map { " (\($0))" } ?? "") + ", without a backtrace"
    }

    /// What stands between the first two quotation marks.
    fileprivate var quoted: String? {
        let parts = split(separator: "\"", omittingEmptySubsequences: false)
        return parts.count >= 3 ? String(parts[1]) : nil
    }
}
