// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroSystem

/// What `ldconfig` has written down: which library lies where.
///
/// Layout (glibc, sysdeps/generic/dl-cache.h): perhaps a list in an older format first; then the magic words, the number
/// of entries and the length of the names, 48 bytes in all; entries of 24 bytes with the positions of name and path, which
/// count from the magic words.
struct LinkerCache: Sendable {
    private static let magic = Array("glibc-ld.so.cache1.1".utf8)
    private static let headerBytes = 48
    private static let entryBytes = 24
    /// A large distribution with everything installed has a hundredth.
    private static let maximumEntries = 1_000_000

    /// Paths in the order in which they are tried, by name.
    private var paths: [String: [String]] = [:]

    /// What cannot be read is an empty cache, as it is for the dynamic linker.
    init(_ bytes: [UInt8]) {
        guard let start = bytes.firstRange(of: Self.magic)?.lowerBound else { return }
        let reader = ELFReader(bytes: bytes)
        guard let count = reader.number(UInt32.self, at: start + Self.magic.count), count <= Self.maximumEntries else {
            return
        }
        let names = start..<reader.count
        for position in 0..<Int(count) {
            let entry = start + Self.headerBytes + position * Self.entryBytes
            guard let name = reader.number(UInt32.self, at: entry + 4),
                let path = reader.number(UInt32.self, at: entry + 8),
                let nameText = reader.string(at: start + Int(name), within: names, limit: 4096),
                let pathText = reader.string(at: start + Int(path), within: names, limit: 4096)
            else { return }
            paths[nameText, default: []].append(pathText)
        }
    }

    func paths(of name: String) -> [String] { paths[name] ?? [] }

    /// The cache of this system.
    static let system = LinkerCache((try? FileContents.read("/etc/ld.so.cache")) ?? [])
}
