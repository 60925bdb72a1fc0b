// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero

/// One thing that was looked at.
package struct RedisFinding: Sendable, Hashable {
    package enum Level: String, Sendable {
        case ok, warning, error
    }

    package let level: Level
    /// Roles that it is about, or `configuration`.
    package let subject: String
    package let check: String
    package let found: String
    /// What to change; `nil` when all is well.
    package let remedy: String?

    package init(level: Level, subject: String, check: String, found: String, remedy: String?) {
        (self.level, self.subject, self.check, self.found, self.remedy) = (level, subject, check, found, remedy)
    }

    package var json: JSON {
        [
            "level": .string(level.rawValue), "subject": .string(subject), "check": .string(check),
            "found": .string(found), "remedy": remedy.map { .string($0) } ?? .null,
        ]
    }
}

/// Collects what is found about one server.
struct RedisFindings {
    let subject: String
    private(set) var all: [RedisFinding] = []

    init(_ subject: String) { self.subject = subject }

    /// - Parameters:
    ///   - check: What was looked at.
    ///   - found: The value.
    ///   - problem: How bad it is, and what to change; `nil` when all is well.
    mutating func note(_ check: String, _ found: String, _ problem: (RedisFinding.Level, String)? = nil) {
        all.append(
            RedisFinding(
                level: problem?.0 ?? .ok, subject: subject, check: check, found: found, remedy: problem?.1))
    }

    mutating func add(_ others: [RedisFinding]) { all += others }
}

/// The lines of `INFO`.
struct RedisInfo {
    private let values: [Substring: Substring]
    /// `slave0` and so on: what follows the colon.
    let replicas: [Substring]

    init(_ text: String) {
        var values: [Substring: Substring] = [:]
        var replicas: [Substring] = []
        for line in text.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let (name, value) = (line[..<colon], line[line.index(after: colon)...])
            values[name] = value
            if name.hasPrefix("slave"), value.contains("state=") { replicas.append(value) }
        }
        self.values = values
        self.replicas = replicas
    }

    subscript(name: Substring) -> String? { values[name].map(String.init) }
    func number(_ name: Substring) -> Int? { values[name].flatMap { Int($0) } }

    /// `lag` of `ip=…,state=online,lag=1`.
    static func field(_ name: String, of replica: Substring) -> Substring? {
        replica.split(separator: ",").first { $0.hasPrefix("\(name)=") }?.dropFirst(name.count + 1)
    }
}
