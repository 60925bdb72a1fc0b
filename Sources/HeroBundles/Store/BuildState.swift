// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
package import HeroSystem

/// How the sources of a project stand to bundles: which have none, and which have changed since.
///
/// Projects without sources have nothing to compare; that is how a machine without a compiler is served.
package struct BuildState: Sendable, Hashable {
    /// Sources without a bundle, relative to the project.
    package let missing: [String]
    /// Sources that are not what their bundle was built from.
    package let changed: [String]
    /// Libraries whose sources have gone while bundles or libraries that were built with them have theirs.
    ///
    /// Others were made elsewhere: no source can import what has none here.
    package let gone: [String]

    /// Reads every source once, but no bundle.
    ///
    /// - Parameters:
    ///   - projectRoot: The project.
    ///   - files: The bundles that run or are about to.
    /// - Throws: ``FileError`` when a directory cannot be read.
    package init(projectRoot: String, files: [Generation.File]) throws(FileError) {
        var manifests: [String: BundleManifest] = [:]
        for file in files { manifests[file.path] = file.manifest }
        var (missing, changed): ([String], [String]) = ([], [])
        var present: Set<String> = []
        let lib = BundleRole.library.kind.directory
        for name in try FileContents.list("\(projectRoot)/\(lib)") where !name.hasPrefix(".") {
            let directory = "\(lib)/\(name)"
            guard FileContents.isDirectory("\(projectRoot)/\(directory)") else { continue }
            let sources = try SourceFiles.library(directory, in: projectRoot)
            guard !sources.isEmpty else { continue }
            present.insert("\(directory).so")
            if let manifest = manifests["\(directory).so"] {
                let now = try? SourceFiles.fingerprint(of: sources, in: projectRoot)
                if let built = manifest.sources, now != built { changed.append(directory) }
            } else {
                missing.append(directory)
            }
        }
        for source in try SourceFiles.collect(in: projectRoot) {
            let bundle = source.dropLast(".swift".count) + ".so"
            present.insert(String(bundle))
            if let manifest = manifests[String(bundle)] {
                if Self.hasChanged(source, since: manifest, String(bundle), in: projectRoot) { changed.append(source) }
            } else {
                missing.append(source)
            }
        }
        // What was built before a description changed has the old one compiled in.
        for (directory, now) in try SourceFiles.headers(in: projectRoot).sorted(by: { $0.key < $1.key })
        where manifests.values.contains(where: { $0.headers?[directory].map { $0 != now } ?? false }) {
            changed.append(directory)
        }
        (self.missing, self.changed) = (missing, changed)
        let used = Set(present.flatMap { manifests[$0]?.libraries.map { Array($0.keys) } ?? [] })
        gone = files.filter { file in
            file.role == .library && !present.contains(file.path)
                && file.manifest.map { used.contains($0.module) } ?? false
        }.map(\.path)
    }

    /// - Returns: By its content; by the files' times where the bundle does not know what it was built from.
    private static func hasChanged(
        _ source: String, since manifest: BundleManifest, _ bundle: String, in root: String
    ) -> Bool {
        if let built = manifest.sources {
            // One that cannot be read cannot be built either, and `hero build` says why.
            guard let now = try? SourceFiles.fingerprint(of: [source], in: root) else { return true }
            return now != built
        }
        guard manifest.kind == .swift, let original = FileIdentity(path: "\(root)/\(source)"),
            let built = FileIdentity(path: "\(root)/\(bundle)")
        else { return false }
        return original.modified > built.modified
    }

    /// What an operator has to know, a sentence each; none when everything is built.
    package var warnings: [String] {
        sentences("not built", "changed since the last build, and the old code runs").map { "\($0): run `hero build`" }
            + lost.map {
                "\($0), and what was built of it runs: bring it back, or delete the library and what imports it"
            }
    }

    /// What a developer has to know who misses something in a process that runs; `nil` when it runs what is there.
    package var hint: String? {
        let sentences = sentences("not loaded", "changed since this process loaded its bundle") + lost
        guard !sentences.isEmpty else { return nil }
        return sentences.joined(separator: "; ") + ": run `hero build`, then restart or send USR2"
    }

    private var lost: [String] {
        gone.map { library in "the source of \(PlainText.line(library)) has gone" }
    }

    private func sentences(_ isMissing: String, _ hasChanged: String) -> [String] {
        var sentences: [String] = []
        if !missing.isEmpty { sentences.append("\(Self.subject(missing, "is", "are")) \(isMissing)") }
        if !changed.isEmpty { sentences.append("\(Self.subject(changed, "has", "have")) \(hasChanged)") }
        return sentences
    }

    /// `actions/a.swift is`; `3 sources (actions/a.swift, …) are`.
    private static func subject(_ paths: [String], _ one: String, _ many: String) -> String {
        let names = paths.prefix(3).map(PlainText.line)
        if paths.count == 1 { return "\(names[0]) \(one)" }
        let shown = names.joined(separator: ", ")
        let rest = paths.count > 3 ? " and \(paths.count - 3) more" : ""
        return "\(paths.count) sources (\(shown)\(rest)) \(many)"
    }
}
