// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import Glibc
internal import HeroSystem

/// Where the generations of a project live: `tmp/generations/`.
///
///     store/<sha256>/<file name>     contents, written once, mode 0444
///     <n>/generation.json            which of them make up generation n
///     <n>/contents                   the same as lines of text, which are compared faster than JSON is read
///     <n>/config/<k>/                the configuration of a cluster, as it was when the generation was frozen
///     <n>/config/companions/         the files that it names, certificates and keys
///     known                          which files were found to be good, and what the file system said about them then
///     <n>/lock                       held shared by every process that uses the generation
///     cluster.json                   what a cluster's next master is to know: what was rolled back, and what serves
///     lock                           held exclusively while a generation is made or removed
///
/// Running processes map files of the store and never a file of the project: overwriting a mapped library in place
/// kills every process that maps it.
package struct GenerationStore: Sendable {
    package let root: String
    private let projectRoot: String
    /// Larger bundles are refused without being read; bytes.
    private let maximumSize: Int

    package init(projectRoot: String, maximumSize: Int = BundleFile.maximumSize) {
        self.projectRoot = projectRoot
        self.maximumSize = maximumSize
        root = "\(projectRoot)/tmp/generations"
    }

    /// Checks files and freezes them as a generation; the newest one again when nothing has changed.
    ///
    /// - Parameters:
    ///   - candidates: What to freeze, in load order.
    ///   - configuration: SHA-256 over the configuration.
    ///   - host: What the bundles have to fit.
    ///   - files: The files of the configuration, one list per directory, to be kept with the generation.
    ///   - companions: Files that the configuration names, to be kept as well.
    /// - Returns: The generation, with a lock that keeps its files, and what deserves a warning.
    /// - Throws: ``BundlesRefused`` with all problems of all bundles; ``FileError`` when the store cannot be written.
    package func freeze(
        _ candidates: [BundleCandidate], configuration: String, host: HostInterface,
        configurationFiles files: [[ConfigurationCopy]] = [], companions: [ConfigurationCopy] = []
    ) throws -> (generation: HeldGeneration, warnings: [String]) {
        try checkOwners(of: candidates.map(\.path) + candidates.compactMap(\.libraryPath))
        try FileContents.createDirectory(root, in: projectRoot, mode: 0o700)
        try FileContents.createDirectory("\(root)/store", in: projectRoot, mode: 0o700)
        let lock = try FileLock(path: "\(root)/lock", mode: .exclusive)
        defer { lock.release() }
        let known = KnownFiles(candidates, host: host, store: self, projectRoot: projectRoot)
        let (bundles, warnings) = try known.remembered() ?? check(candidates, host: host, remembering: known)
        let latest = try numbers().last ?? 0
        let same = Generation(number: latest, files: bundles, configuration: configuration)
        if try contents(of: latest) == same.contents {
            try write(files, companions, of: same)
            return (try hold(same), warnings)
        }
        let fresh = Generation(number: latest + 1, files: bundles, configuration: configuration)
        try write(files, companions, of: fresh)
        try write(fresh)
        return (try hold(fresh), warnings)
    }

    private func check(
        _ candidates: [BundleCandidate], host: HostInterface, remembering known: KnownFiles
    ) throws -> (files: [Generation.File], warnings: [String]) {
        var freezer = GenerationFreezer(
            projectRoot: projectRoot, storeRoot: root, host: host, maximumSize: maximumSize)
        let files = try freezer.freeze(candidates)
        // Warnings are to be seen at each start.
        if freezer.warnings.isEmpty { known.remember(files) }
        return (files, freezer.warnings)
    }

    private func checkOwners(of paths: [String]) throws(UntrustedProject) {
        var trust = ProjectTrust(root: projectRoot)
        try trust.check(["\(root)/store", "\(root)/lock", "\(root)/known"] + paths)
    }

    /// Says what ``freeze(_:configuration:host:)`` would say, without writing anything.
    ///
    /// - Parameters:
    ///   - candidates: What would be frozen, in load order.
    ///   - host: What the bundles have to fit.
    /// - Returns: The paths of those that fit, all problems of the others, and what deserves a warning.
    package func check(
        _ candidates: [BundleCandidate], host: HostInterface
    ) -> (fitting: [String], problems: [BundleProblem], warnings: [String]) {
        var freezer = GenerationFreezer(
            projectRoot: projectRoot, storeRoot: root, host: host, maximumSize: maximumSize)
        let fitting = freezer.check(candidates).map(\.path)
        return (fitting, freezer.problems, freezer.warnings)
    }

    /// Says what ``freeze(_:configuration:host:)`` would say about a generation that another host has frozen.
    ///
    /// - Parameters:
    ///   - number: Of the generation.
    ///   - host: What its bundles have to fit.
    /// - Returns: All problems.
    /// - Throws: ``GenerationError`` when it does not exist or a file of it has changed.
    package func check(_ number: Int, host: HostInterface) throws -> [BundleProblem] {
        let held = try open(number)
        // Foreign functions depend on nothing that a host has.
        let files = held.generation.files.filter { $0.foreign == nil }
        let candidates = files.map { BundleCandidate(role: $0.role, path: storePath($0)) }
        let (_, problems, _) = check(candidates, host: host)
        return problems.map { problem in
            files.first { storePath($0) == problem.file }.map { problem.named($0.path) } ?? problem
        }
    }

    /// Opens a generation that was frozen before and verifies its files.
    ///
    /// - Throws: ``GenerationError`` when it does not exist or a file of it has changed.
    package func open(_ number: Int) throws -> HeldGeneration {
        try checkOwners(of: ["\(root)/\(number)/generation.json"])
        let lock = try FileLock(path: "\(root)/lock", mode: .exclusive)
        defer { lock.release() }
        let generation = try read(number)
        try checkOwners(of: generation.files.filter(\.isStored).map(storePath))
        if let path = try StoredHashes.firstChanged(expectedHashes(generation.files)) {
            throw GenerationError("\(path) was modified (HB402) – delete tmp/generations and start again")
        }
        return try hold(generation)
    }

    /// Removes generations that no process uses, except the newest ones, and files that belong to none.
    ///
    /// - Parameters:
    ///   - count: How many of the newest to keep, at least 2: the current one and the one before it.
    ///   - kept: Others to keep, by number.
    /// - Throws: ``FileError`` when the store cannot be locked or a directory not be read.
    package func prune(keeping count: Int, and kept: Set<Int> = []) throws {
        // Whoever has it may have it for long, and this is done again after the next deploy.
        guard let lock = try FileLock.ifFree("\(root)/lock", mode: .exclusive) else { return }
        defer { lock.release() }
        let numbers = try numbers()
        // What an interrupted freeze left in the store goes with the next generation that is removed.
        guard numbers.count > max(count, 2) else { return }
        // Numbers have gaps, and one whose freeze was interrupted is none of the newest.
        let newest = Set(numbers.filter { (try? read($0)) != nil }.suffix(max(count, 2)))
        var used: Set<String> = []
        for number in numbers {
            if newest.contains(number) || kept.contains(number) || FileLock.isHeld("\(root)/\(number)/lock") {
                used.formUnion(try hashes(of: number))
            } else {
                try remove("\(root)/\(number)")
            }
        }
        for hash in try FileContents.list("\(root)/store") where !used.contains(hash) {
            try remove("\(root)/store/\(hash)")
        }
    }

    /// Files of the store that make up a generation, with the hashes that they were stored under.
    func expectedHashes(_ files: [Generation.File]) -> [(path: String, sha256: String)] {
        files.filter(\.isStored).map { (storePath($0), $0.sha256) }
    }

    package var memoryPath: String { "\(root)/cluster.json" }

    /// ``Generation/fingerprint`` of a generation; `nil` when there is none of that number.
    package func fingerprint(of number: Int) -> String? { (try? read(number))?.fingerprint }

    /// Whether another project's generations lie in the same directory.
    package func isSame(as other: GenerationStore) -> Bool {
        root == other.root || FileContents.areSame(root, other.root)
    }

    /// Where a file of a generation lies.
    package func storePath(_ file: Generation.File) -> String { "\(root)/store/\(file.sha256)/\(file.name)" }

    private func numbers() throws(FileError) -> [Int] {
        try FileContents.list(root).compactMap { Int($0) }.sorted()
    }

    private func read(_ number: Int) throws -> Generation {
        let path = "\(root)/\(number)/generation.json"
        guard FileContents.exists(path) else {
            throw GenerationError("there is no generation \(number) in \(root)")
        }
        return try JSON(parsing: FileContents.read(path)).decode()
    }

    private func write(_ generation: Generation) throws {
        let directory = "\(root)/\(generation.number)"
        try FileContents.createDirectory(directory, in: projectRoot, mode: 0o700)
        let text = try JSON(generation).text(indent: 2) + "\n"
        // For nobody else: the digest of a configuration lets one try passwords.
        try FileContents.replace("\(directory)/generation.json", with: text.utf8, mode: 0o600)
        // Last: a generation counts as known only when it is complete.
        try FileContents.replace("\(directory)/contents", with: generation.contents.utf8, mode: 0o600)
    }

    private func hashes(of number: Int) throws -> [String] {
        if let contents = try contents(of: number) { return Generation.hashes(in: contents) }
        // Frozen by an older hero, which may still run.
        return (try? read(number))?.files.map(\.sha256) ?? []
    }

    /// - Returns: Nothing when there is no such generation or it was not written to its end.
    private func contents(of number: Int) throws -> String? {
        let directory = "\(root)/\(number)"
        guard FileContents.exists("\(directory)/generation.json"), FileContents.exists("\(directory)/contents") else {
            return nil
        }
        return String(decoding: try FileContents.read("\(directory)/contents"), as: UTF8.self)
    }

    /// Where a generation's configuration lies, in the order in which its directories are read.
    package func configurationDirectories(_ number: Int) -> [String] {
        let directory = "\(root)/\(number)/config"
        let names = (try? FileContents.list(directory)) ?? []
        return names.compactMap { Int($0) }.sorted().map { "\(directory)/\($0)" }
    }

    /// Where the files that a generation's configuration names lie.
    package func companionDirectory(_ number: Int) -> String { "\(root)/\(number)/config/companions" }

    /// Keeps the configuration of a generation, unless it is there already: then it is that of a generation with the same
    /// values.
    private func write(
        _ directories: [[ConfigurationCopy]], _ companions: [ConfigurationCopy], of generation: Generation
    ) throws(FileError) {
        let final = "\(root)/\(generation.number)/config"
        guard !directories.isEmpty, !FileContents.isDirectory(final) else { return }
        // Under another name first, so that what was interrupted is never taken for whole.
        let root = "\(final).new"
        if FileContents.isDirectory(root) { try remove(root) }
        for (position, files) in directories.enumerated() {
            try FileContents.createDirectory("\(root)/\(position)", in: projectRoot, mode: 0o700)
            for file in files {
                let path = "\(root)/\(position)/\(file.path)"
                if let slash = path.lastIndex(of: "/") {
                    try FileContents.createDirectory(String(path[..<slash]), in: projectRoot, mode: 0o700)
                }
                // Passwords may stand in it.
                try FileContents.replace(path, with: file.contents, mode: 0o600)
            }
        }
        if !companions.isEmpty { try FileContents.createDirectory("\(root)/companions", in: projectRoot, mode: 0o700) }
        for file in companions {
            // Private keys are among them.
            try FileContents.replace("\(root)/companions/\(file.path)", with: file.contents, mode: 0o600)
        }
        guard rename(root, final) == 0 else { throw FileError("rename", root, errno) }
    }

    private func hold(_ generation: Generation) throws(FileError) -> HeldGeneration {
        let lock = try FileLock(path: "\(root)/\(generation.number)/lock", mode: .shared)
        return HeldGeneration(generation: generation, store: self, lock: lock)
    }

    /// Removes a directory with all its files, such as one whose writer was interrupted.
    private func remove(_ directory: String) throws(FileError) {
        for name in try FileContents.list(directory) where unlink("\(directory)/\(name)") != 0 {
            try remove("\(directory)/\(name)")
        }
        guard rmdir(directory) == 0 || errno == ENOENT else { throw FileError("remove", directory, errno) }
    }
}

/// A file of the configuration.
package struct ConfigurationCopy: Sendable {
    /// Relative to its directory.
    package let path: String
    package let contents: [UInt8]

    package init(path: String, contents: [UInt8]) {
        self.path = path
        self.contents = contents
    }
}

/// A generation whose files stay in the store as long as this object lives.
package final class HeldGeneration: Sendable {
    package let generation: Generation
    package let store: GenerationStore
    private let lock: FileLock

    init(generation: Generation, store: GenerationStore, lock: FileLock) {
        self.generation = generation
        self.store = store
        self.lock = lock
    }
}

/// A stored generation cannot be used.
package struct GenerationError: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
