// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
package import HeroSystem

/// A file that a generation is to be made of.
package struct BundleCandidate: Sendable, Hashable {
    package let role: BundleRole
    /// Relative to the project.
    package let path: String
    /// What a `.foreign.yml` says, or why it cannot be used; nothing for shared objects.
    package let foreign: Result<ForeignDefinition, BundleProblem>?

    package init(role: BundleRole, path: String, foreign: Result<ForeignDefinition, BundleProblem>? = nil) {
        self.role = role
        self.path = path
        self.foreign = foreign
    }

    /// The library of the project that a foreign action names.
    var libraryPath: String? {
        guard case .success(let definition)? = foreign, definition.isFile else { return nil }
        return definition.library
    }

    /// Lists the bundles of a project in the order in which they are loaded: by role, then by path.
    ///
    /// Names that begin with a dot are passed over; so are files that are not called `*.so`.
    ///
    /// - Parameters:
    ///   - projectRoot: The project.
    ///   - roles: Which directories to look into.
    /// - Returns: The files, sorted by path within each role.
    /// - Throws: ``FileError`` when a directory cannot be read.
    package static func collect(
        in projectRoot: String, roles: [BundleRole] = BundleRole.allCases
    ) throws(FileError) -> [BundleCandidate] {
        var candidates: [BundleCandidate] = []
        for role in roles {
            for path in try files(below: role.kind.directory, in: projectRoot, suffix: ".so") {
                candidates.append(BundleCandidate(role: role, path: path))
            }
        }
        return candidates
    }

    /// Regular files with that suffix below a directory and its sub-directories, sorted, relative to the project.
    ///
    /// - Throws: ``FileError`` when a directory cannot be read, or when there are more or deeper ones than anybody means: a
    ///   link may lead anywhere.
    package static func files(
        below directory: String, in projectRoot: String, suffix: String
    ) throws(FileError) -> [String] {
        var search = Search(root: projectRoot, suffix: suffix)
        try search.visit(directory, depth: 0)
        return search.files
    }

    private struct Search {
        private static let maximumDepth = 32
        private static let maximumNames = 100_000

        let root: String
        let suffix: String
        var files: [String] = []
        private var names = 0

        init(root: String, suffix: String) {
            self.root = root
            self.suffix = suffix
        }

        mutating func visit(_ directory: String, depth: Int) throws(FileError) {
            guard depth <= Self.maximumDepth else {
                throw FileError(
                    "look into", "\(root)/\(directory)", ENAMETOOLONG,
                    reason: "directories may nest \(Self.maximumDepth) deep")
            }
            for name in try FileContents.list("\(root)/\(directory)", limit: Self.maximumNames - names) {
                names += 1
                guard !name.hasPrefix(".") else { continue }
                let path = "\(directory)/\(name)"
                if FileContents.isDirectory("\(root)/\(path)") {
                    guard !FileContents.leadsBack("\(root)/\(path)") else { continue }
                    try visit(path, depth: depth + 1)
                } else if name.hasSuffix(suffix) {
                    files.append(path)
                }
            }
        }
    }
}
