// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
package import HeroSystem

/// The sources that lie beside a project's bundles.
package enum SourceFiles {
    /// Nobody writes a longer one; what is longer was put there by mistake and is not read.
    static let maximumSizeBytes = 16 * 1024 * 1024

    /// What the names of tests end in.
    package static let testSuffix = "Tests.swift"

    /// Lists the sources that each become a bundle beside them.
    ///
    /// Tests stand there, too, and become none.
    ///
    /// - Parameters:
    ///   - projectRoot: The project.
    ///   - roles: Which directories to look into.
    /// - Returns: Paths relative to the project, sorted within each directory.
    /// - Throws: ``FileError`` when a directory cannot be read.
    package static func collect(
        in projectRoot: String, roles: [BundleRole] = BundleRole.ofBundles.filter(\.kind.isSupported)
    ) throws(FileError) -> [String] {
        var sources: [String] = []
        for role in roles {
            sources += try DirectoryTree.files(below: role.kind.directory, in: projectRoot, suffix: ".swift")
        }
        sources.removeAll { $0.hasSuffix(testSuffix) }
        return sources
    }

    /// Sources in directories that this host has no use for yet.
    ///
    /// - Parameter projectRoot: The project.
    /// - Returns: A sentence for each.
    /// - Throws: ``FileError`` when a directory cannot be read.
    package static func future(in projectRoot: String) throws(FileError) -> [String] {
        var sentences: [String] = []
        for role in BundleRole.ofBundles where !role.kind.isSupported {
            for source in try collect(in: projectRoot, roles: [role]) {
                sentences.append(BundleProblem.future(source, role.kind).message)
            }
        }
        return sentences
    }

    /// Lists the tests of a project, which lie beside what they test, also in `lib/`.
    ///
    /// - Parameter projectRoot: The project.
    /// - Returns: Paths relative to the project, sorted within each directory.
    /// - Throws: ``FileError`` when a directory cannot be read.
    package static func tests(in projectRoot: String) throws(FileError) -> [String] {
        var tests: [String] = []
        for role in BundleRole.allCases {
            tests += try DirectoryTree.files(below: role.kind.directory, in: projectRoot, suffix: testSuffix)
        }
        return tests
    }

    /// Lists the sources of one library, a directory of `lib/`.
    ///
    /// - Parameters:
    ///   - directory: Relative to the project.
    ///   - projectRoot: The project.
    /// - Returns: Paths relative to the project, sorted within each directory.
    /// - Throws: ``FileError`` when a directory cannot be read.
    package static func library(_ directory: String, in projectRoot: String) throws(FileError) -> [String] {
        try DirectoryTree.files(below: directory, in: projectRoot, suffix: ".swift").filter {
            !$0.hasSuffix(testSuffix)
        }
    }

    /// What makes a directory of `lib/` the description of a C library.
    package static let moduleMap = "module.modulemap"

    /// What is compiled into whatever imports a C library of the project: all files beside its module map, whatever they
    /// are called, since a header may include anything.
    ///
    /// - Parameters:
    ///   - directory: One of `lib/`, relative to the project.
    ///   - projectRoot: The project.
    /// - Returns: Paths relative to the project; none where there is no map.
    /// - Throws: ``FileError`` when a directory cannot be read.
    package static func description(_ directory: String, in projectRoot: String) throws(FileError) -> [String] {
        guard FileContents.exists("\(projectRoot)/\(directory)/\(moduleMap)") else { return [] }
        return try DirectoryTree.files(below: directory, in: projectRoot, suffix: "").filter { path in
            ![".so", ".a", ".o", testSuffix].contains(where: path.hasSuffix)
        }
    }

    /// Hashes over the descriptions of C libraries, by their directories.
    ///
    /// - Throws: ``FileError`` when one cannot be read.
    package static func headers(in projectRoot: String) throws(FileError) -> [String: String] {
        var hashes: [String: String] = [:]
        let lib = BundleRole.library.kind.directory
        for name in try FileContents.list("\(projectRoot)/\(lib)") where !name.hasPrefix(".") {
            let files = try description("\(lib)/\(name)", in: projectRoot)
            guard !files.isEmpty else { continue }
            let contents = try fingerprint(of: files, in: projectRoot)
            let text = (files + [contents]).joined(separator: "\n")
            hashes["\(lib)/\(name)"] = SHA256.hexadecimal(Array(text.utf8))
        }
        return hashes
    }

    /// Sources without a bundle, without a look into either.
    ///
    /// - Parameters:
    ///   - role: What the bundles would hold.
    ///   - projectRoot: The project.
    /// - Returns: Paths relative to the project; none where the directory cannot be read.
    package static func withoutBundle(_ role: BundleRole, in projectRoot: String) -> [String] {
        let sources = (try? DirectoryTree.files(below: role.kind.directory, in: projectRoot, suffix: ".swift")) ?? []
        return sources.filter { source in
            !source.hasSuffix(testSuffix)
                && !FileContents.exists("\(projectRoot)/\(source.dropLast(".swift".count)).so")
        }
    }

    /// What a bundle's note says about the sources that it was built from.
    ///
    /// - Parameters:
    ///   - sources: Relative to the project.
    ///   - projectRoot: The project.
    /// - Returns: A SHA-256 that is the same for the same contents in the same order.
    /// - Throws: ``FileError`` when one cannot be read.
    package static func fingerprint(of sources: [String], in projectRoot: String) throws(FileError) -> String {
        var hashes: [String] = []
        for source in sources {
            hashes.append(
                SHA256.hexadecimal(
                    try FileContents.read("\(projectRoot)/\(source)", limit: maximumSizeBytes)))
        }
        return hashes.count == 1 ? hashes[0] : SHA256.hexadecimal(Array(hashes.joined(separator: "\n").utf8))
    }
}

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
    /// A sentence for each source that this host has no use for.
    package let future: [String]

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
        future = try SourceFiles.future(in: projectRoot)
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
            + future
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
