// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Foundation
import HeroTestSupport
import Testing

/// One exchange with a live server of the reference.
struct Recording: Sendable, CustomTestStringConvertible {
    /// The file that it stands in, without its extension.
    let topic: String
    let name: String
    /// Of the reference: `29` or `19`.
    let version: String
    let config: JSON
    let request: JSON
    let response: JSON
    /// What changes from run to run.
    let volatile: [Masks.Pattern]

    /// Unique among all topics; `docs/differences.md` uses it.
    var title: String { "\(topic): \(name)" }
    var testDescription: String { title }

    init(_ json: JSON, topic: String) throws {
        func text(_ member: String) throws -> String {
            guard let text = json[member]?.stringValue else { throw Malformed(topic: topic, member: member) }
            return text
        }
        self.topic = topic
        name = try text("name")
        version = try text("version")
        config = json["config"] ?? [:]
        request = json["request"] ?? [:]
        response = json["response"] ?? [:]
        volatile = (json["volatile"]?.arrayValue ?? []).compactMap(Masks.Pattern.init)
    }

    struct Malformed: Error {
        let topic: String
        let member: String
    }
}

/// The recordings as they came; they are data of the reference and are never edited.
enum Recordings {
    static let directory = "\(Stage.repository)/Tests/ConformanceTests/Recordings"

    static func json(_ file: String) throws -> JSON {
        try JSON(parsing: Array(Data(contentsOf: URL(fileURLWithPath: "\(directory)/\(file).json"))))
    }

    /// The exchanges of a topic in the order of the file: those of version 29, and of version 19 where 29 has none of that
    /// name.
    static func topic(_ topic: String) throws -> [Recording] {
        let all = try (json(topic).arrayValue ?? []).map { try Recording($0, topic: topic) }
        let current = Set(all.filter { $0.version == "29" }.map(\.name))
        return all.filter { $0.version == "29" || !current.contains($0.name) }
    }
}
