// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import HeroSystem

/// Files of the master in a project that may be reached through a link to a release.
enum ReleasePath {
    /// - Parameters:
    ///   - path: Its directory is created when it does not exist.
    ///   - projectRoot: Never created.
    /// - Returns: The path without links in its directory.
    /// - Throws: `FileError`.
    static func resolve(_ path: String, in projectRoot: String) throws(FileError) -> String {
        guard let slash = path.lastIndex(of: "/") else { return path }
        let directory = String(path[..<slash])
        try FileContents.createDirectory(directory, in: projectRoot)
        guard let resolved = realpath(directory, nil) else { throw FileError("resolve", directory, errno) }
        defer { free(resolved) }
        return String(cString: resolved) + path[slash...]
    }
}
