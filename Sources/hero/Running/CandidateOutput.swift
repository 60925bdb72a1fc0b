// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroLog
import Subprocess

/// What a candidate has written to its standard error: lines of its log, how far it had come, and its last words.
struct CandidateOutput {
    struct Line {
        let level: LogLevel
        let message: String
        var data: [(name: String, value: JSON)] = []
    }

    private(set) var lines: [Line] = []
    /// What had begun last.
    private var progress = ""

    /// What it has loaded.
    private(set) var generation: Int?

    private static let progress = "candidateProgress"
    private static let generation = "candidateGeneration"

    /// The child's side: says what is about to begin.
    static func note(_ progress: String) {
        let note: JSON = [Self.progress: .string(progress)]
        Terminal.error(Array((note.description + "\n").utf8))
    }

    /// The child's side: says what it has loaded.
    static func note(generation: Int) {
        let note: JSON = [Self.generation: .integer(generation)]
        Terminal.error(Array((note.description + "\n").utf8))
    }

    init(_ text: String) {
        for line in text.split(separator: "\n") {
            guard let object = try? JSON(parsing: Array(line.utf8)).objectValue else {
                lines.append(Line(level: .error, message: String(line)))
                continue
            }
            if let progress = object[Self.progress]?.stringValue {
                self.progress = progress
            } else if let generation = object[Self.generation]?.intValue {
                self.generation = generation
            } else if let level = object["level"]?.stringValue.flatMap({ LogLevel(name: $0) }),
                let message = object["message"]?.stringValue
            {
                let data = object.filter { !["level", "message", "timestamp"].contains($0.name) }
                lines.append(Line(level: level, message: message, data: data.map { ($0.name, $0.value) }))
            } else {
                lines.append(Line(level: .error, message: String(line)))
            }
        }
    }

    /// The lines, after one that says how the candidate has ended unless it has said why itself.
    func problems(of end: TerminationStatus) -> [Line] {
        let during = progress.isEmpty ? "" : " (\(progress))"
        switch end {
        case .exited(SingleProcess.refusedExitCode) where !lines.isEmpty, .exited(1) where !lines.isEmpty: return lines
        case .exited(let code):
            return [Line(level: .error, message: "the candidate ended with exit code \(code)\(during) (HB304)")] + lines
        case .signaled(let signal):
            let words = lines.first { $0.message.contains("Fatal error") || $0.message.contains("Program crashed") }
            let reason = words.map { ": \($0.message)" } ?? " by signal \(signal)"
            return [Line(level: .error, message: "the candidate crashed\(during)\(reason) (HB304)")] + lines
        }
    }
}
