// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Glibc
import HeroConfiguration
import HeroRedis
import HeroRuntime
import HeroShared
import HeroSystem

/// The directories that have to be the same for all releases of a project whose root is a link to one of them.
struct SharedDirectories {
    /// Paths as an operator knows them, relative to the project or absolute.
    private let paths: [String]

    init(_ application: HeroApplication, _ redis: RedisPlan?) {
        let general = application.core.general.paths
        paths = [redis?.embedded?.directory, general.log, general.pid, "tmp"].compactMap { $0 }
    }

    /// - Parameter link: The project as it was named.
    /// - Returns: A sentence when that is a link, which may lead to another release next time, and the release keeps for
    ///   itself what the next one would need.
    func warning(link: String) -> String? {
        guard FileContents.isLink(link), let release = Self.resolved(link) else { return nil }
        let own = paths.filter { path in
            let full = ProjectPath.absolute(path, in: release)
            // One that does not exist yet will be made in the release.
            guard let resolved = Self.resolved(full) ?? Self.resolvedParent(full) else { return true }
            return resolved == release || resolved.hasPrefix(release + "/")
        }.map { path in
            let above = [link, release].first { path.hasPrefix($0 + "/") }
            return above.map { String(path.dropFirst($0.count + 1)) } ?? path
        }
        guard !own.isEmpty else { return nil }
        return """
            \(link) is a link to the release \(release), and \(own.joined(separator: ", ")) \(own.count == 1 ? "is" : "are") \
            this release's own: the next one would begin with nothing there – make \(own.count == 1 ? "it a link" : "them links") \
            to what all releases share (docs/releases.md)
            """
    }

    private static func resolved(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }

    private static func resolvedParent(_ path: String) -> String? {
        path.lastIndex(of: "/").flatMap { resolved(String(path[..<$0])) }
    }
}
