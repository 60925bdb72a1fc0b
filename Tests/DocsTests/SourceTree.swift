// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

/// What the Swift files in `Sources` declare and import, as far as the beginnings of their lines tell.
struct SourceTree: Sendable {
    /// Files by the names of the types that they declare.
    private var declared: [String: Set<String>] = [:]
    /// Files by the names of the types that they declare or extend.
    private var extended: [String: Set<String>] = [:]
    /// Files by the names of the functions, properties and cases that they declare.
    private var members: [String: Set<String>] = [:]
    /// Files by the module that they import, by the directory in `Sources`.
    private(set) var imports: [String: [String: Set<String>]] = [:]

    static let read = Result { try SourceTree() }

    private init() throws {
        let root = "\(Stage.repository)/Sources"
        for path in try FileManager.default.subpathsOfDirectory(atPath: root) where path.hasSuffix(".swift") {
            let text = try String(contentsOfFile: "\(root)/\(path)", encoding: .utf8)
            if imports[Self.room(of: path)] == nil { imports[Self.room(of: path)] = [:] }
            for line in text.split(separator: "\n") { take(line, of: path) }
        }
    }

    /// Targets with Swift files.
    var rooms: [String] { imports.keys.sorted() }

    /// All modules that anything imports.
    var modules: Set<String> { Set(imports.values.flatMap(\.keys)) }

    /// - Parameter name: `Type`, `Type.Nested` or `Type.member`.
    /// - Returns: The targets that declare the type, and, of a nested one or a member, have it where they declare or extend
    ///   the type.
    func rooms(declaring name: Substring) -> Set<String> {
        let parts = name.split(separator: ".").map(String.init)
        guard let first = parts.first, var files = declared[first] else { return [] }
        for (outer, inner) in zip(parts, parts.dropFirst()) {
            let candidates = declared[inner, default: []].union(members[inner, default: []])
            files = extended[outer, default: []].intersection(candidates)
        }
        return Set(files.map(Self.room))
    }

    private static func room(of path: String) -> String { String(path.prefix { $0 != "/" }) }

    private static let modifiers: Set<Substring> = [
        "public", "package", "internal", "fileprivate", "private", "private(set)", "package(set)", "fileprivate(set)",
        "final", "indirect", "static", "mutating", "nonmutating", "nonisolated", "nonisolated(unsafe)", "override",
        "convenience", "lazy", "weak", "unowned", "borrowing", "consuming",
    ]

    private mutating func take(_ line: Substring, of path: String) {
        let words = line.split(separator: " ").drop { Self.modifiers.contains($0) || $0.first == "@" }
        guard let kind = words.first, let word = words.dropFirst().first else { return }
        switch kind {
        // Elsewhere in a line it is part of a text.
        case "import" where line.first != " ":
            let module = String((words.last ?? word).prefix { $0 != "." })
            imports[Self.room(of: path), default: [:]][module, default: []].insert(path)
        case "class", "struct", "enum", "protocol", "actor", "typealias", "associatedtype":
            declared[Self.name(word), default: []].insert(path)
            extended[Self.name(word), default: []].insert(path)
        case "extension":
            let names = word.prefix { $0 == "." || $0 == "_" || $0.isLetter || $0.isNumber }
            for name in names.split(separator: ".") { extended[String(name), default: []].insert(path) }
        case "func", "var", "let": members[Self.name(word), default: []].insert(path)
        case "case":
            for word in words.dropFirst() { members[Self.name(word), default: []].insert(path) }
        default: break
        }
    }

    private static func name(_ word: Substring) -> String {
        String(word.drop { $0 == "`" }.prefix { $0 == "_" || $0.isLetter || $0.isNumber })
    }
}
