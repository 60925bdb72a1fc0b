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
