// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Actions that several sources define: the host refuses all bundles of a project then (HB303).
///
/// Only names and versions that stand in the source as they are count; what is computed is left to the host.
struct ActionConflicts {
    private struct Action: Hashable {
        let name: String
        let version: String
    }

    private let protocols: HostProtocols
    private var paths: [Action: String] = [:]

    init(knowing protocols: HostProtocols) { self.protocols = protocols }

    /// - Parameters:
    ///   - text: Swift, of one bundle.
    ///   - path: Of the source, relative to the project.
    /// - Returns: Lines in the compiler's form, for what a source before this one defines, too.
    mutating func add(_ text: String, of path: String) -> [String] {
        let known = protocols.adding([text])
        let found = DeclaredTypes(in: text).declarations.filter {
            !["protocol", "typealias"].contains($0.keyword) && known.protocolName(of: $0) == "Action"
        }
        var warnings: [String] = []
        for (action, line) in Self.actions(found, text) {
            guard let first = paths[action] else {
                paths[action] = path
                continue
            }
            let place = first == path ? "above" : "by \(first)"
            warnings.append(
                "\(path):\(line):1: warning: the action \(action.name) v\(action.version) is defined \(place), too: the "
                    + "host will load no bundle of this project (HB303); remove or rename one")
        }
        return warnings
    }

    private static func actions(_ found: [DeclaredTypes.Declaration], _ text: String) -> [(Action, line: Int)] {
        guard let (names, versions) = assigned(text) else { return [] }
        // Which of several types a line belongs to is not looked into.
        guard found.count == 1 || (names.isEmpty && versions.isEmpty), names.count < 2, versions.count < 2 else {
            return []
        }
        return found.map { declaration in
            let type = declaration.name.split(separator: ".").last ?? ""
            let name = names.first ?? type.prefix(1).lowercased() + type.dropFirst()
            return (Action(name: name, version: versions.first ?? "1"), declaration.line)
        }
    }

    /// - Returns: `nil` when one of them is no literal.
    private static func assigned(_ text: String) -> (names: [String], versions: [String])? {
        var (names, versions): ([String], [String]) = ([], [])
        for line in text.split(separator: "\n") {
            let isName = line.contains("static let name") || line.contains("static var name")
            guard isName || line.contains("static let version") || line.contains("static var version") else { continue }
            guard let value = literal(line) else { return nil }
            if isName { names.append(value) } else { versions.append(value) }
        }
        return (names, versions)
    }

    /// `= "text"` and `= 2`.
    private static func literal(_ line: Substring) -> String? {
        guard let equals = line.firstIndex(of: "=") else { return nil }
        var value = line[line.index(after: equals)...]
        if let comment = value.firstRange(of: "//") { value = value[..<comment.lowerBound] }
        let text = value.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()
        let isText = text.count > 2 && text.first == "\"" && text.last == "\""
        let inner = isText ? Array(text.dropFirst().dropLast()) : Array(text)
        let isPlain = isText ? !inner.contains { $0 == "\"" || $0 == "\\" } : inner.allSatisfy(\.isWholeNumber)
        return isPlain && !inner.isEmpty ? String(inner) : nil
    }
}
