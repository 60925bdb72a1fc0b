// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import Glibc
internal import HeroSystem

/// Copies the files of one generation into the store and checks them, collecting every problem of every file.
struct GenerationFreezer {
    let projectRoot: String
    let storeRoot: String
    let host: HostInterface
    /// Larger files are refused without being read; bytes.
    let maximumSize: Int
    private(set) var warnings: [String] = []
    private(set) var problems: [BundleProblem] = []
    private var provided: [ProvidedLibrary] = []
    /// Which file brought a module, by module name.
    private var modules: [ByteKey: String] = [:]

    init(projectRoot: String, storeRoot: String, host: HostInterface, maximumSize: Int) {
        self.projectRoot = projectRoot
        self.storeRoot = storeRoot
        self.host = host
        self.maximumSize = maximumSize
    }

    /// - Throws: ``BundlesRefused``, or ``FileError`` when the store cannot be written.
    mutating func freeze(_ candidates: [BundleCandidate]) throws -> [Generation.File] {
        let accepted = check(candidates)
        guard problems.isEmpty else { throw BundlesRefused(problems: problems) }
        for file in accepted where file.isStored { try store(file) }
        guard problems.isEmpty else { throw BundlesRefused(problems: problems) }
        return accepted
    }

    /// One file at a time is in memory, so that the largest decides how much is needed.
    ///
    /// - Returns: What fits; the rest is found in ``problems``.
    mutating func check(_ candidates: [BundleCandidate]) -> [Generation.File] {
        var accepted = libraries(candidates.filter { $0.role == .library })
        for candidate in candidates where candidate.role != .library {
            guard candidate.role.kind.isSupported else {
                problems.append(.future(candidate.path, candidate.role.kind))
                continue
            }
            if let foreign = candidate.foreign {
                if let frozen = freeze(foreign, candidate) { accepted.append(frozen) }
                continue
            }
            guard let contents = read(candidate.path) else { continue }
            guard let manifest = check(contents, candidate) else { continue }
            accepted.append(
                Generation.File(
                    role: candidate.role, path: candidate.path, sha256: SHA256.hexadecimal(contents),
                    manifest: manifest))
        }
        return accepted
    }

    /// Libraries come first, each behind those that it needs: bundles and other libraries find them by name among what is
    /// loaded.
    private mutating func libraries(_ candidates: [BundleCandidate]) -> [Generation.File] {
        for candidate in candidates {
            guard let contents = read(candidate.path) else { continue }
            do {
                let library = try ProvidedLibrary(contents: contents, path: candidate.path)
                if let first = provided.first(where: { $0.soname != nil && $0.soname == library.soname }) {
                    problems.append(.sameSoname(first, library))
                } else {
                    provided.append(library)
                }
            } catch {
                problems.append(.unreadable(candidate.path, error as? ELFFile.Fault, contents))
            }
        }
        let (ordered, circle) = provided.inLoadOrder()
        if !circle.isEmpty { problems.append(.circle(circle)) }
        return ordered.compactMap { file($0) }
    }

    /// Read a second time: what one library is checked against are facts about all of them.
    private mutating func file(_ library: ProvidedLibrary) -> Generation.File? {
        guard let contents = read(library.path) else { return nil }
        guard SHA256.hexadecimal(contents) == library.sha256 else {
            problems.append(.changing(library.path))
            return nil
        }
        let (faults, warnings) = library.check(contents, host: host, provided: provided)
        problems += faults
        self.warnings += warnings
        guard faults.isEmpty else { return nil }
        if let module = library.manifest?.module { modules[ByteKey(module)] = library.path }
        return Generation.File(
            role: .library, path: library.path, sha256: library.sha256, manifest: library.manifest)
    }

    private mutating func freeze(
        _ foreign: Result<ForeignDefinition, BundleProblem>, _ candidate: BundleCandidate
    ) -> Generation.File? {
        do throws(BundleProblem) {
            let definition = try foreign.get()
            var contents: [UInt8]?
            if definition.isFile {
                contents = read(definition.library)
                // What is wrong with the file has been noted.
                if contents == nil { return nil }
            }
            try ForeignCheck.check(definition, path: candidate.path, contents: contents, host: host)
            return Generation.File(
                role: candidate.role, path: candidate.path, sha256: contents.map(SHA256.hexadecimal) ?? "",
                manifest: nil, foreign: definition)
        } catch {
            problems.append(error)
            return nil
        }
    }

    /// Reads a file that someone may be copying at this moment: what was read counts only if the file did not change.
    private mutating func read(_ path: String) -> [UInt8]? {
        do throws(FileError) {
            for _ in 0..<3 {
                if let contents = try readUnchanged(absolute(path)) { return contents }
            }
            problems.append(.changing(path))
        } catch  where error.code == EFBIG {
            problems.append(.tooLarge(path, FileIdentity(path: absolute(path))?.size, limit: maximumSize))
        } catch {
            problems.append(.unavailable(path, error))
        }
        return nil
    }

    private func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(projectRoot)/\(path)" }

    private func readUnchanged(_ path: String) throws(FileError) -> [UInt8]? {
        let descriptor = try FileContents.openForReading(path)
        defer { close(descriptor) }
        let before = try FileIdentity(descriptor, path: path)
        let contents = try FileContents.read(descriptor: descriptor, path: path, limit: maximumSize)
        let after = try FileIdentity(descriptor, path: path)
        return before == after && contents.count == before.size ? contents : nil
    }

    private mutating func check(_ contents: [UInt8], _ candidate: BundleCandidate) -> BundleManifest? {
        do {
            let (file, warnings) = try BundleFile.check(contents, path: candidate.path, host: host, provided: provided)
            self.warnings += warnings
            // Only Swift has modules that could be confused.
            guard file.manifest.kind == .swift else { return file.manifest }
            for module in file.modules {
                if let first = modules[ByteKey(module)] {
                    problems.append(.sameModule(module, first, file))
                    return nil
                }
                modules[ByteKey(module)] = candidate.path
            }
            return file.manifest
        } catch {
            problems += error.problems
            return nil
        }
    }

    /// The name is the hash of the contents, so an existing file with the right hash needs no copy.
    ///
    /// A file that is copied is read once more: the copy counts only if its hash is still that of the file that was
    /// checked.
    private mutating func store(_ file: Generation.File) throws(FileError) {
        let directory = "\(storeRoot)/store/\(file.sha256)"
        let path = "\(directory)/\(file.name)"
        if (try? FileContents.hasHash(path, file.sha256)) == true { return }
        try FileContents.createDirectory(directory, in: projectRoot)
        let source = absolute(file.foreign?.library ?? file.path)
        for _ in 0..<3 {
            if try FileContents.copy(source, to: path, mode: 0o444, sha256: file.sha256) { return }
        }
        problems.append(.changing(file.path))
    }
}
