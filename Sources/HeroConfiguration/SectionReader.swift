// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroSystem

/// Turns a section into values, replacing variables on the way.
///
/// What a scalar without quotes stands for depends on what its key wants: `0123` is a good password.
struct SectionReader {
    let file: String
    let section: String
    let schema: ConfigurationSchema
    let interpolation: Interpolation
    private(set) var problems: [ConfigurationProblem] = []

    init(file: String, section: String, schema: ConfigurationSchema, interpolation: Interpolation) {
        self.file = file
        self.section = section
        self.schema = schema
        self.interpolation = interpolation
    }

    mutating func tree(_ node: YAMLNode, path: [String]) -> ConfigurationTree {
        var tree = ConfigurationTree()
        guard case .mapping(let members) = node.content else {
            if case .scalar("", true) = node.content { return tree }
            problems.append(
                ConfigurationProblem(
                    file: file, line: node.line, key: path.joined(separator: "."),
                    reason: "cannot be read from the section '\(section)', which must hold keys with values"))
            return tree
        }
        for (keyNode, value) in members {
            guard let key = keyNode.keyText,
                let node = self.node(value, path: path + [key], line: keyNode.line)
            else { continue }
            tree.set(key, node)
        }
        return tree
    }

    /// - Returns: `nil` when the value cannot be read, which has been noted.
    private mutating func node(_ node: YAMLNode, path: [String], line: Int) -> ConfigurationTree.Node? {
        var lines: [Int] = []
        if case .sequence(let elements) = node.content { lines = elements.map(\.line) }
        let origin = ConfigurationOrigin(source: file, line: line, section: section, elementLines: lines)
        if case .mapping = node.content { return .branch(tree(node, path: path), origin) }
        let known = problems.count
        let value = value(node, schema.type(at: path), path: path)
        return problems.count == known ? .leaf(value, origin) : nil
    }

    // The type is what is wanted; `nil` where the application decides.
    private mutating func value(_ node: YAMLNode, _ type: ConfigurationType?, path: [String]) -> JSON {
        switch node.content {
        case .scalar(let text, let isPlain):
            do {
                return try scalar(try interpolation.expand(text), isPlain: isPlain, node.tag, type)
            } catch {
                problems.append(
                    ConfigurationProblem(
                        file: file, line: node.line, key: path.joined(separator: "."), reason: "\(error)"))
                return .null
            }
        case .sequence(let elements): return .array(elements.map { value($0, type?.element, path: path) })
        case .mapping(let members):
            var object = JSON.Object()
            for (key, member) in members {
                if let name = key.keyText { object[name] = value(member, type?.member(name), path: path) }
            }
            return .object(object)
        }
    }

    private func scalar(
        _ expansion: Interpolation.Expansion, isPlain: Bool, _ tag: YAMLTag?, _ type: ConfigurationType?
    ) throws -> JSON {
        let text = expansion.text
        if let tag {
            guard let value = YAMLScalar.value(of: text, tag) else { throw TagMismatch(tag: tag, text: text) }
            guard let type, type.takesText, tag == .integer || tag == .number else { return value }
            return .string(text)
        }
        guard isPlain else { return .string(text) }
        // Whoever sets a variable knows neither YAML nor quotes.
        if expansion.holdsVariable { return type.map { Self.outside(text, $0) } ?? YAMLScalar.lossless(text) }
        let value = YAMLScalar.value(of: text)
        guard let type, type.takesText, !value.isNull, !(type.isOptional && value == false) else { return value }
        return .string(text)
    }

    /// The value of text from outside of the files for a key of the framework.
    static func outside(_ text: String, _ type: ConfigurationType) -> JSON {
        if case .anything = type { return YAMLScalar.lossless(text) }
        return .string(text)
    }

    private struct TagMismatch: Error, CustomStringConvertible {
        let tag: YAMLTag
        let text: String
        var description: String { "is marked !!\(tag.rawValue), and '\(text)' is none" }
    }
}
