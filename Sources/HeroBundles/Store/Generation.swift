// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroSystem

/// One frozen set of bundles.
///
/// All processes of a generation load the same bytes.
package struct Generation: Sendable, Hashable, Codable {
    /// One file of it.
    package struct File: Sendable, Hashable, Codable {
        package let role: BundleRole
        /// Where it came from, relative to the project.
        package let path: String
        /// The digest of the shared object in the store; empty when a foreign action uses a library of the system.
        package let sha256: String
        /// What its note said; nothing for a library in another language and for foreign actions.
        package let manifest: BundleManifest?
        /// What its `.foreign.yml` said; the file in the store is the library that it names.
        package let foreign: ForeignDefinition?

        package init(
            role: BundleRole, path: String, sha256: String, manifest: BundleManifest?,
            foreign: ForeignDefinition? = nil
        ) {
            self.role = role
            self.path = path
            self.sha256 = sha256
            self.manifest = manifest
            self.foreign = foreign
        }

        /// Whether the store has a file for it.
        var isStored: Bool { !sha256.isEmpty }

        /// The name under which backtraces and `/proc/PID/maps` show it.
        var name: String { String((foreign?.library ?? path).split(separator: "/").last ?? "") }
    }

    /// Counts up within a project.
    package let number: Int
    /// In the order in which they are loaded.
    package let files: [File]
    /// SHA-256 over the configuration that the generation was frozen with.
    package let configuration: String

    package init(number: Int, files: [File], configuration: String) {
        self.number = number
        self.files = files
        self.configuration = configuration
    }

    /// SHA-256 that is the same for two generations that run the same code with the same configuration.
    package var fingerprint: String { SHA256.hexadecimal(Array(contents.utf8)) }

    /// Lines of text that are the same for two generations that run the same code with the same configuration.
    ///
    /// The manifests are part of the files that the hashes stand for.
    var contents: String {
        let lines = files.map { file in
            let foreign = file.foreign.flatMap { try? JSON($0).description } ?? ""
            return "\(file.sha256) \(file.role.rawValue) \(file.path) \(foreign)\n"
        }
        return lines.joined() + "configuration \(configuration)\n"
    }

    /// The hashes in ``contents``.
    static func hashes(in contents: String) -> [String] {
        contents.split(separator: "\n").compactMap { line in
            let word = line.prefix { $0 != " " }
            return word.isEmpty || word == "configuration" ? nil : String(word)
        }
    }
}
