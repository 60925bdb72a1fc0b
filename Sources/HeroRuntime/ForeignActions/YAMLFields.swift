// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroBundles
internal import HeroConfiguration

/// The members of a mapping whose keys are known.
struct YAMLFields {
    private let file: String
    private let what: String
    private let start: Int
    private var members: [String: YAMLNode] = [:]

    init(_ node: YAMLNode, of what: String, known: [String], file: String) throws {
        self.file = file
        self.what = what
        start = node.line
        guard case .mapping(let pairs) = node.content else {
            throw YAMLError(
                file: file, line: node.line, reason: "\(what) is described by keys: \(known.joined(separator: ", "))")
        }
        for (key, value) in pairs {
            let name = key.keyText ?? ""
            guard known.contains(name) else {
                let hint = Spelling.nearest(to: name, among: known).map { "did you mean '\($0)'?" }
                let list = "there are \(known.joined(separator: ", "))"
                throw YAMLError(file: file, line: key.line, reason: "\(what) has no key '\(name)'; \(hint ?? list)")
            }
            members[name] = value
        }
    }

    func line(_ key: String) -> Int { members[key]?.line ?? start }

    /// The text as it was written, so that versions such as 1.10 stay what they are; `nil` for nothing and `null`.
    func text(_ key: String) throws -> String? {
        guard let node = members[key] else { return nil }
        guard case .scalar(let text, let isPlain) = node.content else {
            throw YAMLError(file: file, line: node.line, reason: "\(key) of \(what) must be a single value")
        }
        return isPlain && YAMLScalar.value(of: text).isNull ? nil : text
    }

    func requiredText(_ key: String) throws -> String {
        if let text = try text(key), !text.isEmpty { return text }
        throw YAMLError(file: file, line: line(key), reason: "\(what) needs the key '\(key)'")
    }

    func flag(_ key: String) throws -> Bool? {
        guard let text = try text(key) else { return nil }
        if let flag = YAMLScalar.value(of: text).boolValue { return flag }
        throw YAMLError(file: file, line: line(key), reason: "\(key) of \(what) must be true or false, not '\(text)'")
    }

    /// A list of texts, or a single one.
    func texts(_ key: String) throws -> [String] {
        guard let node = members[key], case .sequence(let elements) = node.content else {
            return try text(key).map { [$0] } ?? []
        }
        return try elements.map { element in
            if case .scalar(let text, _) = element.content { return text }
            throw YAMLError(file: file, line: element.line, reason: "\(key) of \(what) must be a list of names")
        }
    }

    func elements(_ key: String) throws -> [YAMLNode] {
        guard let node = members[key] else { return [] }
        if case .sequence(let elements) = node.content { return elements }
        if try text(key) == nil { return [] }
        throw YAMLError(file: file, line: node.line, reason: "\(key) of \(what) must be a list")
    }
}
