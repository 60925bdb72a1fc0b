// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import Glibc

/// Where the generations of a project live: `tmp/generations/`.
///
///     store/<sha256>/<file name>     contents, written once, mode 0444
///     <n>/generation.json            which of them make up generation n
///     <n>/config/<k>/                the configuration of a cluster, as it was when the generation was frozen
///     <n>/lock                       held shared by every process that uses the generation
///     lock                           held exclusively while a generation is made or removed
///
/// Running processes map files of the store and never a file of the project: overwriting a mapped library in place
/// kills every process that maps it.
package struct GenerationStore: Sendable {
    let root: String
    private let projectRoot: String

    package init(projectRoot: String) {
        self.projectRoot = projectRoot
        root = "\(projectRoot)/tmp/generations"
    }

    /// Checks files and freezes them as a generation; the newest one again when nothing has changed.
    ///
    /// - Parameters:
    ///   - candidates: What to freeze, in load order.
    ///   - configuration: SHA-256 over the configuration.
    ///   - host: What the bundles have to fit.
    ///   - files: The files of the configuration, one list per directory, to be kept with the generation.
    /// - Returns: The generation, with a lock that keeps its files, and what deserves a warning.
    /// - Throws: ``BundlesRefused`` with all problems of all bundles; ``FileError`` when the store cannot be written.
    package func freeze(
        _ candidates: [BundleCandidate], configuration: String, host: HostInterface,
        configurationFiles files: [[ConfigurationCopy]] = []
    ) throws -> (generation: HeldGeneration, warnings: [String]) {
        try FileContents.createDirectory("\(root)/store")
        let lock = try FileLock(path: "\(root)/lock", mode: .exclusive)
        defer { lock.release() }
        var freezer = GenerationFreezer(projectRoot: projectRoot, storeRoot: root, host: host)
        let bundles = try freezer.freeze(candidates)
        let latest = try numbers().last
        let fresh = Generation(number: (latest ?? 0) + 1, files: bundles, configuration: configuration)
        if let latest, let known = try? read(latest), known.hasSameContent(as: fresh) {
            try write(files, of: known)
            return (try hold(known), freezer.warnings)
        }
        try write(files, of: fresh)
        try write(fresh)
        return (try hold(fresh), freezer.warnings)
    }

    /// Opens a generation that was frozen before and verifies its files.
    ///
    /// - Throws: ``GenerationError`` when it does not exist or a file of it has changed.
    package func open(_ number: Int) throws -> HeldGeneration {
        let lock = try FileLock(path: "\(root)/lock", mode: .exclusive)
        defer { lock.release() }
        let generation = try read(number)
        for file in generation.files
        where try file.isStored && SHA256.hexadecimal(FileContents.read(storePath(file))) != file.sha256 {
            throw GenerationError(
                "\(storePath(file)) was modified (HB402) – delete tmp/generations and start again")
        }
        return try hold(generation)
    }

    /// Removes generations that no process uses, except the newest ones, and files that belong to none.
    ///
    /// - Parameters:
    ///   - count: How many of the newest to keep, at least 2: the current one and the one before it.
    ///   - needed: Others to keep: newer ones may have been refused, and these are the way back.
    /// - Throws: ``FileError`` when the store cannot be locked or a directory not be read.
    package func prune(keeping count: Int, and needed: Set<Int> = []) throws {
        let lock = try FileLock(path: "\(root)/lock", mode: .exclusive)
        defer { lock.release() }
        let numbers = try numbers()
        var used: Set<String> = []
        for number in numbers {
            if number > (numbers.last ?? 0) - max(count, 2) || needed.contains(number)
                || FileLock.isHeld("\(root)/\(number)/lock")
            {
                used.formUnion((try? read(number))?.files.map(\.sha256) ?? [])
            } else {
                try remove("\(root)/\(number)", files: ["generation.json", "lock"])
            }
        }
        for hash in try FileContents.list("\(root)/store") where !used.contains(hash) {
            try remove("\(root)/store/\(hash)", files: FileContents.list("\(root)/store/\(hash)"))
        }
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
        try FileContents.createDirectory(directory)
        let text = try JSON(generation).text(indent: 2) + "\n"
        try FileContents.replace("\(directory)/generation.json", with: text.utf8, mode: 0o644)
    }

    /// Where a generation's configuration lies, in the order in which its directories are read.
    package func configurationDirectories(_ number: Int) -> [String] {
        let directory = "\(root)/\(number)/config"
        let names = (try? FileContents.list(directory)) ?? []
        return names.compactMap { Int($0) }.sorted().map { "\(directory)/\($0)" }
    }

    /// What is there already has the same effect: it belongs to a generation with the same values.
    private func write(_ directories: [[ConfigurationCopy]], of generation: Generation) throws(FileError) {
        let root = "\(root)/\(generation.number)/config"
        guard !directories.isEmpty, !FileContents.isDirectory(root) else { return }
        for (position, files) in directories.enumerated() {
            try FileContents.createDirectory("\(root)/\(position)")
            for file in files {
                let path = "\(root)/\(position)/\(file.path)"
                if let slash = path.lastIndex(of: "/") { try FileContents.createDirectory(String(path[..<slash])) }
                // Passwords may stand in it.
                try FileContents.replace(path, with: file.contents, mode: 0o600)
            }
        }
    }

    private func hold(_ generation: Generation) throws(FileError) -> HeldGeneration {
        let lock = try FileLock(path: "\(root)/\(generation.number)/lock", mode: .shared)
        return HeldGeneration(generation: generation, store: self, lock: lock)
    }

    private func removeConfiguration(_ directory: String) throws(FileError) {
        for name in try FileContents.list(directory) {
            let path = "\(directory)/\(name)"
            if FileContents.isDirectory(path) { try removeConfiguration(path) } else { unlink(path) }
        }
        rmdir(directory)
    }

    private func remove(_ directory: String, files: [String]) throws(FileError) {
        try removeConfiguration("\(directory)/config")
        for file in files { unlink("\(directory)/\(file)") }
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
