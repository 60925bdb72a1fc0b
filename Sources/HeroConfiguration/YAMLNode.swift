// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A YAML value that still knows where it stood, so that every message can name file and line.
package struct YAMLNode: Sendable {
    package enum Content: Sendable {
        /// - isPlain: Without quotes and not marked as text; only plain scalars can be numbers, flags or null.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        case mapping([(key: YAMLNode, value: YAMLNode)])
    }

    package let content: Content
    /// Counted from 1.
    package let line: Int
    /// What a scalar is marked as, and so is, whatever it looks like.
    package var tag: YAMLTag?

    /// The text of a key.
    package var keyText: String? {
        if case .scalar(let text, _) = content { return text }
        return nil
    }

    /// Whether it is the key `<<`, whose value's members become those of the mapping; in quotes it is a key like others.
    package var isMergeKey: Bool {
        if case .scalar("<<", isPlain: true) = content { return true }
        return false
    }
}

/// A file that is not YAML, or not the YAML that configuration is written in.
package struct YAMLError: Error, Sendable, CustomStringConvertible {
    package let file: String
    package let line: Int
    package let reason: String

    package init(file: String, line: Int, reason: String) {
        self.file = file
        self.line = line
        self.reason = reason
    }

    package var description: String { "\(file):\(line): \(reason)" }
}
