// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
internal import HeroSystem

/// The configuration as it is in force, checked, with the origin of every value.
package final class EffectiveConfiguration: ConfigurationHost {
    package let environment: String
    /// Where it was read from.
    package let directories: [String]
    /// A sentence for each value that is allowed and hardly meant.
    package let warnings: [String]
    private let tree: ConfigurationTree
    private let schema: ConfigurationSchema

    init(
        environment: String, directories: [String] = [], tree: ConfigurationTree, schema: ConfigurationSchema,
        warnings: [String] = []
    ) {
        self.warnings = warnings
        self.directories = directories
        self.environment = environment
        self.tree = tree
        self.schema = schema
    }

    package func value(at key: String) -> JSON? {
        tree.node(at: key.split(separator: ".").map(String.init))?.json
    }

    /// Reads a namespace as one of the framework's structures.
    ///
    /// The schema has checked the values, so this fails only when schema and structure differ, which a test rules out.
    package func decode<T: Decodable>(_ type: T.Type, _ namespace: String) throws -> T {
        do {
            return try (value(at: namespace) ?? .null).decode(type)
        } catch let error as DecodingError {
            throw ConfigurationRefused(problems: [
                ConfigurationProblem(file: "built in", line: nil, key: namespace, reason: error.reason)
            ])
        }
    }

    /// A refusal of one value, naming where it was set.
    package func refusal(of key: String, _ reason: String) -> ConfigurationRefused {
        let origin = tree.node(at: key.split(separator: ".").map(String.init))?.origin ?? .builtIn
        return ConfigurationRefused(problems: [
            ConfigurationProblem(file: origin.source, line: origin.line, key: key, reason: reason)
        ])
    }

    /// Where an element of a list was set, as closely as is known.
    package func origin(of key: String, element: Int) -> ConfigurationOrigin {
        let origin = tree.node(at: key.split(separator: ".").map(String.init))?.origin ?? .builtIn
        guard origin.elementLines.indices.contains(element) else { return origin }
        return ConfigurationOrigin(source: origin.source, line: origin.elementLines[element], section: origin.section)
    }

    /// Every value for a person: key, value with secrets masked, origin.
    package var listing: [(key: String, value: JSON, origin: ConfigurationOrigin)] {
        tree.leaves().map { path, value, origin in
            let isNamed = !value.isNull && isNamedBeside(path)
            return (path.joined(separator: "."), isNamed ? .string(SecretText.mask) : masked(value, at: path), origin)
        }
    }

    /// Whether what stands beside a value, or beside an object that it is in, gives it the name of a secret:
    /// `{name: password, value: …}`.
    private func isNamedBeside(_ path: [String]) -> Bool {
        guard schema.key(at: path) == nil else { return false }
        return path.indices.dropFirst().contains { depth in
            guard let members = tree.node(at: path[..<depth])?.json.objectValue else { return false }
            return SecretText.hidingNamed(members)[path[depth]] != members[path[depth]]
        }
    }

    /// Lists and objects may hold secrets at any depth: `--set` takes a whole section as JSON.
    private func masked(_ value: JSON, at path: [String]) -> JSON {
        switch value {
        case .null: return .null
        case _ where isSecret(path): return .string(SecretText.mask)
        case .string(let text): return .string(SecretText.masked(text))
        case .array(let elements):
            let hidden = SecretText.hidingNeighbours(elements, areNames: schema.key(at: path) != nil)
            return .array(hidden.map { masked($0, at: path) })
        case .object where value.isNumber: return value
        case .object(let members):
            var object = JSON.Object()
            for (name, member) in SecretText.hidingNamed(members) { object[name] = masked(member, at: path + [name]) }
            return .object(object)
        case .bool, .integer, .number: return value
        }
    }

    /// SHA-256 over all values: equal for configurations that behave alike.
    package var fingerprint: String {
        SHA256.hexadecimal(Array(JSON.object(tree.json).description.utf8))
    }

    /// Secrets of the application's own files are recognised by the customary names.
    private func isSecret(_ path: [String]) -> Bool {
        if let key = schema.key(at: path) { return key.isSecret }
        return SecretText.isSecret(path)
    }
}
