// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroBundles
internal import HeroConfiguration
internal import HeroSystem

/// What a project's code is made of.
package enum ProjectBundles {
    /// Lists the bundles of a project and its foreign actions, in the order in which they are loaded.
    ///
    /// A library that a foreign action names is no bundle, even where it lies among them.
    ///
    /// - Parameter projectRoot: The project.
    /// - Returns: Candidates; a foreign action that cannot be read carries its problem.
    /// - Throws: `FileError` when a directory cannot be read.
    package static func collect(in projectRoot: String) throws -> [BundleCandidate] {
        let role = BundleRole.action
        var foreign: [BundleCandidate] = []
        for path in try DirectoryTree.files(
            below: role.kind.directory, in: projectRoot, suffix: ForeignActionFile.suffix)
        {
            foreign.append(
                BundleCandidate(role: role, path: path, foreign: definition("\(projectRoot)/\(path)", path: path)))
        }
        let libraries = Set(foreign.compactMap { try? $0.foreign?.get().library }.map(normalized))
        return try BundleCandidate.collect(in: projectRoot).filter { !libraries.contains($0.path) } + foreign
    }

    private static func definition(_ file: String, path: String) -> Result<ForeignDefinition, BundleProblem> {
        do {
            let text = try FileContents.read(file, limit: YAMLParser.maximumFileBytes)
            return .success(try ForeignActionFile.parse(text, path: path))
        } catch let error as FileError {
            return .failure(.unavailable(path, error))
        } catch {
            return .failure(
                BundleProblem(.definition, file: path, found: nil, "\(error)", remedy: "correct the file"))
        }
    }

    private static func normalized(_ path: String) -> String { path.hasPrefix("./") ? String(path.dropFirst(2)) : path }
}
