// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroBundles
internal import HeroConfiguration

/// Reads an `actions/NAME.foreign.yml`.
struct ForeignActionFile {
    static let suffix = ".foreign.yml"

    private let path: String

    /// - Parameters:
    ///   - text: The file's bytes.
    ///   - path: The file, relative to the project.
    /// - Returns: What it describes.
    /// - Throws: ``YAMLError``.
    static func parse(_ text: [UInt8], path: String) throws -> ForeignDefinition {
        guard let root = try YAMLParser.parse(text, file: path) else {
            throw YAMLError(file: path, line: 1, reason: "it is empty; it needs library and symbol at least")
        }
        return try ForeignActionFile(path: path).definition(root)
    }

    private func definition(_ root: YAMLNode) throws -> ForeignDefinition {
        let fields = try YAMLFields(
            root, of: "the action",
            known: ["name", "version", "description", "library", "symbol", "release", "inputs", "result"], file: path)
        let stem = path.split(separator: "/").last.map { String($0.dropLast(Self.suffix.count)) } ?? path
        let name = try fields.text("name") ?? stem
        return ForeignDefinition(
            name: name, version: try fields.text("version") ?? "1",
            description: try fields.text("description") ?? name, library: try fields.requiredText("library"),
            symbol: try fields.requiredText("symbol"), release: try fields.text("release"),
            inputs: try fields.elements("inputs").map(input), result: try result(fields))
    }

    private func input(_ node: YAMLNode) throws -> CInput {
        let fields = try YAMLFields(
            node, of: "the input", known: ["name", "help", "type", "required", "default", "secret"], file: path)
        let defaultText = try fields.text("default")
        let typeName = try fields.requiredText("type")
        guard let type = CValueType(rawValue: typeName) else { throw unknownType(typeName, [], fields.line("type")) }
        return CInput(
            name: try fields.requiredText("name"), help: try fields.text("help") ?? "", type: type,
            isRequired: try fields.flag("required") ?? (defaultText == nil),
            isSecret: try fields.flag("secret") ?? false,
            defaultText: defaultText)
    }

    private static let nothing = "nothing"

    private func result(_ fields: YAMLFields) throws -> CValueType? {
        guard let name = try fields.text("result"), name != Self.nothing else { return nil }
        if let type = CValueType(rawValue: name) { return type }
        throw unknownType(name, [Self.nothing], fields.line("result"))
    }

    private func unknownType(_ name: String, _ further: [String], _ line: Int) -> YAMLError {
        let known = CValueType.allCases.map(\.rawValue) + further
        return YAMLError(
            file: path, line: line, reason: "there is no type '\(name)'; there are \(known.joined(separator: ", "))")
    }
}

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
