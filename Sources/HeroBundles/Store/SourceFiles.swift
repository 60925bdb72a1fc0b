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
