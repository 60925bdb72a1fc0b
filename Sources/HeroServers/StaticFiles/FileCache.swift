// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// Files that were found not long ago, so that most requests need neither a thread nor the disk.
///
/// Belongs to one event loop.
final class FileCache {
    struct Limits {
        /// Bytes of all contents, and of what the entries cost by themselves.
        var bytes: Int
        var descriptors: Int
        /// How long a file is sent without looking whether it has changed.
        var validity: TimeAmount
        /// How long a file is kept that nobody asks for.
        var idle = TimeAmount.seconds(60)
    }

    private final class Entry {
        let name: FileName
        var file: FoundFile
        var checked: NIODeadline
        var used: NIODeadline
        var newer: Entry?
        /// The list would own itself otherwise.
        unowned(unsafe) var older: Entry?

        init(_ name: FileName, _ file: FoundFile, _ now: NIODeadline) {
            (self.name, self.file, checked, used) = (name, file, now, now)
        }
    }

    private let limits: Limits
    private var entries: [FileName: Entry] = [:]
    /// The two ends of the list in the order of use.
    private var oldest: Entry?
    private var newest: Entry?
    private(set) var weight = (bytes: 0, descriptors: 0)

    init(_ limits: Limits) { self.limits = limits }

    var count: Int { entries.count }

    /// - Returns: A file that need not be looked for again yet.
    func fresh(_ name: FileName, _ now: NIODeadline) -> FoundFile? {
        guard let entry = entries[name], entry.checked + limits.validity > now else { return nil }
        entry.used = now
        if entry !== newest {
            detach(entry)
            attach(entry)
        }
        return entry.file
    }

    /// - Returns: What was found there the last time, however long ago.
    func last(_ name: FileName) -> FoundFile? { entries[name]?.file }

    /// Keeps what a look has found.
    ///
    /// - Parameters:
    ///   - name: What was looked for.
    ///   - file: `nil` when there is nothing.
    ///   - now: When the look began, or later.
    func store(_ name: FileName, _ file: FoundFile?, _ now: NIODeadline) {
        if let entry = entries[name] { remove(entry) }
        guard let file, limits.validity > .zero, fits(file.weight) else { return }
        let entry = Entry(name, file, now)
        entries[name] = entry
        attach(entry)
        weight.bytes += file.weight.bytes
        weight.descriptors += file.weight.descriptors
        while weight.bytes > limits.bytes || weight.descriptors > limits.descriptors, let oldest { remove(oldest) }
    }

    private func fits(_ weight: (bytes: Int, descriptors: Int)) -> Bool {
        weight.bytes <= limits.bytes && weight.descriptors <= limits.descriptors
    }

    /// Lets go of files that nobody has asked for lately, which also frees the disk space of those that were deleted.
    func removeIdle(_ now: NIODeadline) {
        while let entry = oldest, entry.used + limits.idle <= now { remove(entry) }
    }

    func removeAll() {
        while let oldest { remove(oldest) }
    }

    private func remove(_ entry: Entry) {
        detach(entry)
        entries[entry.name] = nil
        weight.bytes -= entry.file.weight.bytes
        weight.descriptors -= entry.file.weight.descriptors
    }

    private func attach(_ entry: Entry) {
        entry.older = newest
        newest?.newer = entry
        newest = entry
        if oldest == nil { oldest = entry }
    }

    private func detach(_ entry: Entry) {
        let (older, newer) = (entry.older, entry.newer)
        if let older { older.newer = newer } else { oldest = newer }
        if let newer { newer.older = older } else { newest = older }
        entry.newer = nil
        entry.older = nil
    }

    deinit { removeAll() }
}
