// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// One frozen set of bundles. All processes of a generation load the same bytes.
public struct Generation: Sendable, Hashable, Codable {
    /// One file of it.
    public struct File: Sendable, Hashable, Codable {
        public let role: BundleRole
        /// Where it came from, relative to the project.
        public let path: String
        public let sha256: String
        /// What its note said; nothing for an application library.
        public let manifest: BundleManifest?

        public init(role: BundleRole, path: String, sha256: String, manifest: BundleManifest?) {
            self.role = role
            self.path = path
            self.sha256 = sha256
            self.manifest = manifest
        }

        /// The name under which backtraces and `/proc/PID/maps` show it.
        var name: String { String(path.split(separator: "/").last ?? "") }
    }

    /// Counts up within a project.
    public let number: Int
    /// In the order in which they are loaded.
    public let files: [File]
    /// SHA-256 over the configuration that the generation was frozen with.
    public let configuration: String

    public init(number: Int, files: [File], configuration: String) {
        self.number = number
        self.files = files
        self.configuration = configuration
    }

    /// Whether both would run the same code with the same configuration.
    func hasSameContent(as other: Generation) -> Bool {
        files == other.files && configuration == other.configuration
    }
}
