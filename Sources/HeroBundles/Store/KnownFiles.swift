// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroSystem

/// The files that were good at an earlier start and that nobody has touched since: not checked again, and of them only
/// the copies that are going to be loaded are read, to see that they are still what was checked.
///
/// Kept as text, a line per file; what the text does not describe to the letter is not known.
struct KnownFiles {
    /// How old a file must be: a change within one tick of the file system's clock would leave the times as they were.
    static let settledAfterNanoseconds = 2_000_000_000

    private let candidates: [BundleCandidate]
    private let host: HostInterface
    private let store: GenerationStore
    private let projectRoot: String
    private let start: Int

    /// `now` is when the files are going to be read; nanoseconds since 1970.
    init(
        _ candidates: [BundleCandidate], host: HostInterface, store: GenerationStore, projectRoot: String,
        now: Int = FileIdentity.now
    ) {
        self.candidates = candidates
        self.host = host
        self.store = store
        self.projectRoot = projectRoot
        start = now
    }

    private var path: String { "\(store.root)/known" }

    /// - Returns: What a check would return, or nothing when the files have to be checked.
    func remembered() -> (files: [Generation.File], warnings: [String])? {
        guard host.identity != nil, let contents = try? FileContents.read(path) else { return nil }
        let text = String(decoding: contents, as: UTF8.self)
        guard let end = text.utf8.firstIndex(of: UInt8(ascii: "\n")),
            let files = try? JSON(parsing: Array(text.utf8[..<end])).decode([Generation.File].self),
            let description = description(of: files, settledBefore: .max),
            description == text[text.index(after: end)...],
            // Times can be set back and this text be written by others; what is going to run is looked at itself.
            areUnchanged(files)
        else { return nil }
        return (files, [])
    }

    private func areUnchanged(_ files: [Generation.File]) -> Bool {
        do {
            return try StoredHashes.firstChanged(store.expectedHashes(files)) == nil
        } catch {
            return false
        }
    }

    /// Remembers files that have just been checked and stored, unless one of them is too young.
    ///
    /// Failing to do so only makes the next start slower.
    func remember(_ files: [Generation.File]) {
        guard let description = description(of: files, settledBefore: start - Self.settledAfterNanoseconds),
            let list = try? JSON(files).description
        else { return }
        try? FileContents.replace(path, with: "\(list)\n\(description)".utf8, mode: 0o600)
    }

    /// What the file system says about the candidates and their copies in the store.
    private func description(of files: [Generation.File], settledBefore limit: Int) -> String? {
        guard let identity = host.identity, files.count == candidates.count else { return nil }
        var lines = [identity]
        // Libraries stand in another order than they are listed in.
        let byPath = Dictionary(candidates.map { (ByteKey($0.path), $0) }) { first, _ in first }
        guard byPath.count == files.count else { return nil }
        for file in files {
            // Libraries of foreign actions may lie anywhere.
            guard let candidate = byPath[ByteKey(file.path)], candidate.foreign == nil, file.role == candidate.role
            else { return nil }
            let source = candidate.path.hasPrefix("/") ? candidate.path : "\(projectRoot)/\(candidate.path)"
            guard let original = FileIdentity(path: source), let copy = FileIdentity(path: store.storePath(file)),
                max(original.changed, copy.changed) < limit
            else { return nil }
            lines.append("\(original) \(copy) \(file.sha256) \(file.path)")
        }
        return lines.joined(separator: "\n")
    }
}
