// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
package import HeroBundles

/// All actions of a process, by name and version.
///
/// Built at boot, never changed.
package struct ActionRegistry: Sendable {
    private struct Family: Sendable {
        var records: [ActionRecord]
        var byVersion: [ByteKey: ActionRecord]
    }

    private var families: [ByteKey: Family] = [:]
    private(set) var problems: [BundleProblem] = []

    package init() {}

    /// Adds an action; what is wrong with it is found in ``problems``.
    package mutating func add(_ record: ActionRecord) {
        if let reason = Self.fault(of: record) {
            problems.append(.definition(record.file, "action `\(record.name)`", reason))
            return
        }
        var family = families[ByteKey(record.name)] ?? Family(records: [], byVersion: [:])
        if let first = family.byVersion[ByteKey(record.version)] {
            problems.append(
                .nameConflict("action \(record.name) v\(record.version)", first: first.file, second: record.file))
            return
        }
        family.byVersion[ByteKey(record.version)] = record
        family.records.append(record)
        family.records.sort { Self.isOlder($0.version, than: $1.version) }
        families[ByteKey(record.name)] = family
    }

    /// The action that a request asks for.
    ///
    /// - Parameters:
    ///   - name: The name.
    ///   - version: `nil` or empty for the latest.
    /// - Returns: `nil` when there is no such action or version.
    package func find(_ name: String, version: String? = nil) -> ActionRecord? {
        guard let family = families[ByteKey(name)] else { return nil }
        guard let version, !version.isEmpty else { return family.records.last }
        return family.byVersion[ByteKey(version)]
    }

    /// The versions of an action, the latest last.
    package func versions(of name: String) -> [ActionRecord] { families[ByteKey(name)]?.records ?? [] }

    package func contains(_ name: String) -> Bool { families[ByteKey(name)] != nil }

    /// All actions, sorted by name and version.
    package var all: [ActionRecord] {
        names.flatMap { families[ByteKey($0)]?.records ?? [] }
    }

    package var names: [String] { families.keys.map(\.text).sorted() }

    /// Numbers come before words, and 10 comes after 2; parts between dots are numbers of their own, so that 1.10 comes after
    /// 1.9.
    static func isOlder(_ left: String, than right: String) -> Bool {
        switch (numbers(left), numbers(right)) {
        case (let left?, let right?) where left != right: left.lexicographicallyPrecedes(right)
        case (_?, nil): true
        case (nil, _?): false
        // 1 and 01 are two versions, and one of them has to be the later one.
        default: left < right
        }
    }

    private static func numbers(_ version: String) -> [Int]? {
        let parts = version.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
        return parts.contains(nil) ? nil : parts.compactMap(\.self)
    }

    /// Names that clients on sockets use for something else.
    package static let reservedNames: Set<String> = [
        "quit", "exit", "documentation", "paramAdd", "paramDelete", "paramView", "paramsView", "paramsDelete",
        "roomAdd",
        "roomLeave", "roomView", "detailsView", "say",
    ]

    private static func fault(of record: ActionRecord) -> String? {
        if record.name.isEmpty { return "name is required for this action" }
        if reservedNames.contains(record.name) {
            return "action `\(record.name)` is a reserved verb for connections. choose a new name"
        }
        if record.description.isEmpty { return "description is required for the action `\(record.name)`" }
        let names = record.inputs.names.filter(ParameterNames.isAlwaysAllowed)
        // A body that is a file and no form is the parameter `file`; an action may say that it wants one.
        if let reserved = names.first(where: { $0 != "file" || !record.inputs.takesUploads($0) }) {
            return "input `\(reserved)` in action `\(record.name)` is a reserved param"
        }
        return nil
    }
}

/// Names of parameters that the framework itself understands.
package enum ParameterNames {
    /// Whether every action accepts a parameter of that name.
    package static func isAlwaysAllowed(_ name: String) -> Bool {
        // Comparing five short names is faster than hashing one.
        switch name {
        case "action", "apiVersion", "callback", "file", "messageId": true
        default: false
        }
    }
}

extension BundleProblem {
    /// - Returns: `by actions/a.so and actions/b.so`; one file is named once.
    package static func definitions(_ first: String, _ second: String) -> String {
        first.isSame(as: second) ? "twice by \(first)" : "by \(first) and \(second)"
    }

    package static func nameConflict(_ what: String, first: String, second: String) -> BundleProblem {
        BundleProblem(
            .nameConflict, file: second, expected: nil, found: what,
            "\(what) is defined \(definitions(first, second))", remedy: "remove or rename one")
    }

    package static func definition(_ file: String, _ what: String, _ reason: String) -> BundleProblem {
        BundleProblem(
            .definition, file: file, found: what, "\(file): \(reason)", remedy: "correct the source and build it again")
    }
}
