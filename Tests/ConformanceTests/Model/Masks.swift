// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Foundation

/// Hides what changes from run to run.
struct Masks: Sendable {
    /// A regular expression whose matches become `<kind>`.
    struct Pattern: Sendable {
        let kind: String
        let expression: NSRegularExpression

        init?(kind: String, _ expression: String) {
            guard let compiled = try? NSRegularExpression(pattern: expression) else { return nil }
            self.kind = kind
            self.expression = compiled
        }

        /// - Parameter json: The name of a shared pattern, or an object with a pattern of its own.
        init?(_ json: JSON) {
            if let name = json.stringValue {
                guard let shared = Masks.shared[name]?.stringValue else { return nil }
                self.init(kind: name, shared)
            } else {
                guard let kind = json["kind"]?.stringValue, let text = json["regex"]?.stringValue else { return nil }
                self.init(kind: kind, text)
            }
        }
    }

    /// `volatile.json`: expressions by name.
    private static let shared = (try? Recordings.json("volatile")) ?? [:]

    /// Names of temporary files; the recordings have some of them replaced already.
    static let uploads = ["filepath", "newFilename"].compactMap { member in
        Pattern(kind: "upload", "(?<=\"\(member)\": ?\")[^\"]+")
    }

    /// Frameworks have versions of their own.
    static let version = Pattern(kind: "version", "(?<=\"actionheroVersion\": ?\")[^\"]+").map { [$0] } ?? []

    let patterns: [Pattern]

    init(_ patterns: [Pattern]) { self.patterns = patterns }

    /// - Parameter names: Shared patterns to add.
    /// - Returns: Masks that hide these as well.
    func adding(_ names: String...) -> Masks { Masks(patterns + names.compactMap { Pattern(.string($0)) }) }

    func apply(_ text: String) -> String {
        patterns.reduce(text) { text, pattern in
            pattern.expression.stringByReplacingMatches(
                in: text, range: NSRange(text.startIndex..., in: text), withTemplate: "<\(pattern.kind)>")
        }
    }
}
