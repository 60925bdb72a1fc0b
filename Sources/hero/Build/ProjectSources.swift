// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Glibc
import HeroBundles

/// What `hero build` is to build.
struct ProjectSources {
    /// All of `lib/`.
    let libraries: ProjectLibraries
    /// Names of those that were asked for; nothing when every one is to be built, because a bundle may import it.
    private(set) var chosenLibraries: Set<String>?
    /// Each becomes a bundle; relative to the project, sorted within each directory.
    private(set) var bundles: [String] = []

    var isEmpty: Bool { libraries.libraries.isEmpty && bundles.isEmpty }

    static let folders =
        ([ProjectLibraries.directory + "/NAME"] + BundleRole.ofBundles.filter(\.kind.isSupported).map(\.kind.directory))
        .map { $0 + "/" }.joined(separator: ", ")

    /// - Parameters:
    ///   - paths: Files or directories, relative to the working directory; all when empty.
    ///   - projectRoot: The project.
    /// - Throws: ``CommandFailure`` for a path that holds no source, and for sources that no host has a use for yet.
    init(_ paths: [String] = [], in projectRoot: String) throws {
        libraries = try ProjectLibraries(in: projectRoot)
        let all = try SourceFiles.collect(in: projectRoot)
        guard !paths.isEmpty else {
            // Nothing that somebody wrote is passed over in silence.
            let future = try SourceFiles.future(in: projectRoot)
            guard future.isEmpty else {
                throw CommandFailure(
                    future.joined(separator: "\n") + "\nNothing was built: move what lies there, or delete it.")
            }
            bundles = all
            return
        }
        var chosen: Set<String> = []
        for path in paths {
            let wanted = Self.relative(path, to: projectRoot)
            let found = all.filter { Self.contains(wanted, $0) }
            let modules = libraries.libraries.filter { library in
                library.directory == wanted || library.sources.contains { Self.contains(wanted, $0) }
            }
            guard !found.isEmpty || !modules.isEmpty else {
                throw CommandFailure("\(path) is no source of a bundle: those are .swift files in \(Self.folders)")
            }
            bundles += found.filter { !bundles.contains($0) }
            chosen.formUnion(modules.map(\.name))
        }
        if bundles.isEmpty { chosenLibraries = chosen }
    }

    /// - Returns: Whether a path is a file or lies in a directory; everything lies in the project itself.
    static func contains(_ wanted: String, _ path: String) -> Bool {
        wanted.isEmpty || path == wanted || path.hasPrefix(wanted.hasSuffix("/") ? wanted : wanted + "/")
    }

    /// - Parameters:
    ///   - path: As somebody writes it: absolute, or from the working directory.
    ///   - root: The project.
    /// - Returns: The path relative to the project, empty for the project itself; as it was for any other.
    static func relative(_ path: String, to root: String) -> String {
        let full = path.hasPrefix("/") ? path : "\(Project.workingDirectory)/\(path)"
        // A link of the project is meant by its name, wherever it leads.
        let named = plain(full)
        if let name = below(root, named) { return name }
        guard let real = realpath(full, nil), let realRoot = realpath(root, nil) else { return path }
        defer {
            free(real)
            free(realRoot)
        }
        let place = String(cString: realRoot)
        return below(place, named) ?? below(place, String(cString: real)) ?? path
    }

    private static func below(_ root: String, _ path: String) -> String? {
        if path == root { return "" }
        return path.hasPrefix(root + "/") ? String(path.dropFirst(root.count + 1)) : nil
    }

    /// Without empty parts and dots; two dots are followed by the system, which knows links.
    private static func plain(_ path: String) -> String {
        let parts = path.split(separator: "/").filter { $0 != "." }
        guard let last = parts.lastIndex(of: ".."),
            let real = realpath("/" + parts[...last].joined(separator: "/"), nil)
        else { return "/" + parts.joined(separator: "/") }
        defer { free(real) }
        let resolved = String(cString: real).split(separator: "/")
        return "/" + (resolved + parts[(last + 1)...]).joined(separator: "/")
    }
}
