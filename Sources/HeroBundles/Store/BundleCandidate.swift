// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

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
    /// Names that begin with a dot are passed over; so are files that are not called `*.so`. Where this host has no use for
    /// the directory sources are listed, too, so that nothing that somebody wrote is passed over in silence.
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
            for path in try DirectoryTree.files(below: role.kind.directory, in: projectRoot, suffix: ".so") {
                candidates.append(BundleCandidate(role: role, path: path))
            }
            guard !role.kind.isSupported else { continue }
            for path in try SourceFiles.collect(in: projectRoot, roles: [role]) {
                candidates.append(BundleCandidate(role: role, path: path))
            }
        }
        return candidates
    }
}
