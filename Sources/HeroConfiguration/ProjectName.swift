// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroSystem

/// What a project is called: `serverName` in the section `default` of its `config/api.yml`.
package enum ProjectName {
    private static let file = "config/api.yml"

    /// Read from the file alone, so that the answer is the same for whoever asks, in any environment and any directory.
    ///
    /// - Parameter projectRoot: The project.
    /// - Returns: The name; `nil` where the file says none, or leaves it to an environment variable.
    /// - Throws: ``ConfigurationRefused`` when the file cannot be read.
    package static func read(in projectRoot: String) throws(ConfigurationRefused) -> String? {
        let path = "\(projectRoot)/\(file)"
        guard FileContents.exists(path) else { return nil }
        do {
            let sections = try ConfigurationFile(path: path, name: file, key: "api").sections
            guard case .mapping(let members)? = sections.first(where: { $0.name == "default" })?.node.content,
                case .scalar(let name, _)? = members.first(where: { $0.key.keyText == "serverName" })?.value.content,
                !name.isEmpty, !name.contains("$")
            else { return nil }
            return name
        } catch {
            let yaml = error as? YAMLError
            throw ConfigurationRefused(problems: [
                ConfigurationProblem(file: file, line: yaml?.line, key: "", reason: yaml?.reason ?? "\(error)")
            ])
        }
    }
}
