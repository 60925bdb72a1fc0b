// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A YAML value that still knows where it stood, so that every message can name file and line.
struct YAMLNode: Sendable {
    enum Content: Sendable {
        /// - isPlain: Without quotes; only plain scalars can be numbers, flags or null.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        case mapping([(key: YAMLNode, value: YAMLNode)])
    }

    let content: Content
    /// Counted from 1.
    let line: Int

    /// The text of a key.
    var keyText: String? {
        if case .scalar(let text, _) = content { return text }
        return nil
    }

    /// Whether it is the key `<<`, whose value's members become those of the mapping; in quotes it is a key like others.
    var isMergeKey: Bool {
        if case .scalar("<<", isPlain: true) = content { return true }
        return false
    }
}

/// A file that is not YAML, or not the YAML that configuration is written in.
struct YAMLError: Error, Sendable, CustomStringConvertible {
    let file: String
    let line: Int
    let reason: String

    var description: String { "\(file):\(line): \(reason)" }
}
