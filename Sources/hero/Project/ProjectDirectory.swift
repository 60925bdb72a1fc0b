// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroBundles
import HeroRuntime
import HeroSystem

// Whether there is a project at all, before anything is written to it.
extension Project {
    /// One of these is there in every project, and in hardly any other directory; `public` is in many.
    private static let directories =
        ["config"] + BundleRole.ofBundles.map(\.kind.directory)

    static var exists: Bool { directories.contains { FileContents.isDirectory("\(root)/\($0)") } }

    /// Refuses to go on outside of a project, where log files and the like would be left in whatever directory that is.
    ///
    /// - Parameter exitCode: What the process then ends with.
    /// - Throws: ``CommandFailure``.
    static func require(exitCode: Int32 = 1) throws {
        guard !exists else { return }
        let what = FileContents.isDirectory(root) ? "is no project of hero" : "is no directory"
        let given =
            isRootNamed ? "correct PROJECT_ROOT" : "go to the directory of a project, or name it in PROJECT_ROOT"
        let hints = MisspeltDirectories.warnings(in: root).map { "\n\($0)" }.joined()
        throw CommandFailure(
            """
            \(root) \(what): it has none of the directories \(directories.joined(separator: ", ")).
            Nothing was written; \(given). `hero new NAME` makes a new project.\(hints)
            """, exitCode: exitCode)
    }
}
