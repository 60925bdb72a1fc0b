// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroTestSupport

/// What an operator can see of one process.
struct Observation: Sendable {
    /// Log lines and whatever else was printed.
    var lines: [String] = []
    /// Everything else by the recording's name for it, as JSON text.
    var fields: [(field: String, value: String)] = []

    init() {}

    init(_ recording: Recording, masks: Masks) {
        lines = (recording.response["lines"]?.arrayValue ?? []).compactMap { $0.stringValue.map(masks.apply) }
        for (name, value) in recording.response.objectValue ?? [:] where name != "lines" {
            fields.append((name, masks.apply(value.description)))
        }
    }

    mutating func set(_ field: String, _ value: JSON) { fields.append((field, value.description)) }

    /// Log lines as the recordings write them.
    mutating func add(_ lines: some Sequence<String>, of project: TestProject, port: Int?, masks: Masks) {
        for line in lines {
            var line = line.replacing(project.root, with: "<root>")
            if let port { line = line.replacing("127.0.0.1:\(port)", with: "<port>") }
            line = masks.apply(line)
            if let range = line.firstRange(of: "<iso-date> - ") { line.replaceSubrange(range, with: "<prefix> - ") }
            self.lines.append(line)
        }
    }
}
