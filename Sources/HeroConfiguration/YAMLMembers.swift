// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

/// The members of a mapping while it is read; keys are compared byte by byte.
struct YAMLMembers {
    private typealias Member = (key: YAMLNode, value: YAMLNode)

    private let file: String
    private var own: [Member] = []
    private var merged: [Member] = []
    private var mergeLine: Int?
    /// Where a key stands, by its bytes.
    private var lines: [[UInt8]: Int] = [:]

    init(file: String) { self.file = file }

    mutating func add(_ key: YAMLNode, _ value: YAMLNode) throws {
        guard let name = key.keyText else {
            throw YAMLError(file: file, line: key.line, reason: "a key must be text")
        }
        if let first = lines.updateValue(key.line, forKey: Array(name.utf8)) {
            throw YAMLError(
                file: file, line: key.line, reason: "the key '\(name)' stands here again, first in line \(first)")
        }
        own.append((key, value))
    }

    /// `<<: *one` and `<<: [*one, *two]` (yaml.org/type/merge): what the mapping has itself counts more, then what comes
    /// first.
    mutating func merge(_ value: YAMLNode, key: YAMLNode) throws {
        if let mergeLine {
            throw YAMLError(
                file: file, line: key.line,
                reason: "the merge key '<<' stands here again, first in line \(mergeLine); write <<: [*one, *two]")
        }
        mergeLine = key.line
        var sources = [value]
        if case .sequence(let elements) = value.content { sources = elements }
        for source in sources {
            guard case .mapping(let members) = source.content else {
                throw YAMLError(
                    file: file, line: key.line,
                    reason: "the merge key '<<' takes a mapping or a list of mappings, for example <<: *default")
            }
            merged += members
        }
    }

    /// Merged members first, as the defaults that they are.
    var all: [(key: YAMLNode, value: YAMLNode)] {
        guard !merged.isEmpty else { return own }
        var taken = Set(lines.keys)
        return merged.filter { taken.insert(Array(($0.key.keyText ?? "").utf8)).inserted } + own
    }
}
