// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroSystem

/// One YAML file of configuration, taken apart into its sections.
struct ConfigurationFile {
    /// The file's name in messages, relative to the project where it lies inside.
    let name: String
    /// Where its keys stand, for example `web`.
    let namespace: [String]
    let sections: [(name: String, node: YAMLNode)]

    /// - Parameters:
    ///   - path: The file.
    ///   - name: As messages are to show it.
    ///   - key: Its path below the configuration directory, without the suffix.
    /// - Throws: ``YAMLError`` or `FileError`.
    init(path: String, name: String, key: String) throws {
        self.name = name
        namespace = ConfigurationSchema.namespace(ofFile: key)
        let text = try FileContents.read(path, limit: YAMLParser.maximumFileBytes)
        guard let root = try YAMLParser.parse(text, file: name) else {
            sections = []
            return
        }
        guard case .mapping(let members) = root.content else {
            throw YAMLError(
                file: name, line: root.line, reason: "a file begins with its sections, for example 'default:'")
        }
        sections = members.map { ($0.key.keyText ?? "", $0.value) }
    }
}
