// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroSystem

/// One entry of `config/plugins.yml`.
package struct PluginSettings: Sendable {
    /// What a plugin may bring, each in a directory of that name; an entry can switch each off.
    static let sections = ["actions", "initializers", "middleware", "public", "servers", "tasks"]

    package let name: String
    /// Where it lies, as configured.
    package let path: String
    /// Sections that are not switched off.
    let sections: Set<String>

    /// - Parameters:
    ///   - name: The key of the entry.
    ///   - entry: As the schema has checked it.
    init(_ name: String, _ entry: JSON.Object) {
        self.name = name
        path = entry["path"]?.stringValue ?? ""
        sections = Set(Self.sections.filter { entry[$0] != .bool(false) })
    }

    /// All entries, in the order of the file.
    static func all(_ value: JSON?) -> [PluginSettings] {
        (value?.objectValue ?? [:]).map { PluginSettings($0.name, $0.value.objectValue ?? [:]) }
    }

    /// What keeps the process from starting with this entry.
    ///
    /// - Parameter projectRoot: Where relative paths begin.
    /// - Returns: Key and reason, or `nil`.
    func problem(in projectRoot: String) -> (key: String, reason: String)? {
        let directory = ProjectPath.absolute(path, in: projectRoot)
        guard FileContents.isDirectory(directory) else {
            return ("plugins.\(name).path", "names \(path), which is no directory")
        }
        let unread = Self.sections.first {
            $0 != "public" && sections.contains($0) && FileContents.isDirectory("\(directory)/\($0)")
        }
        return unread.map { section in
            (
                "plugins.\(name)",
                "brings \(section)/, and this version of hero reads public files of plugins only: copy the bundles into "
                    + "the project, and set plugins.\(name).\(section) to false"
            )
        }
    }

    /// The plugin's directory of public files.
    ///
    /// - Parameter projectRoot: Where relative paths begin.
    /// - Returns: An absolute path; `nil` for a plugin without such files, or whose files are switched off.
    package func publicDirectory(in projectRoot: String) -> String? {
        let directory = "\(ProjectPath.absolute(path, in: projectRoot))/public"
        return sections.contains("public") && FileContents.isDirectory(directory) ? directory : nil
    }
}
