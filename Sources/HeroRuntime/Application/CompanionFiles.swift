// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
package import HeroBundles
package import HeroSystem
internal import Synchronization

/// Files that the configuration names and that take effect with it: certificates and their keys.
///
/// A cluster copies them when it freezes a generation, so that all its workers serve with the same ones, also those
/// that start while a certificate is being renewed.
package final class CompanionFiles: Sendable {
    private struct State {
        /// By path.
        var contents: [ByteKey: [UInt8]] = [:]
    }

    private let projectRoot: String
    /// Where the copies are.
    private let directory: String?
    private let state = Mutex(State())

    /// - Parameters:
    ///   - projectRoot: Where relative paths begin.
    ///   - directory: Where a generation's copies lie; `nil` for the files themselves.
    package init(projectRoot: String, frozenIn directory: String? = nil) {
        self.projectRoot = projectRoot
        self.directory = directory
    }

    /// Whether these are a generation's, which have been checked when it was frozen.
    package var isFrozen: Bool { directory != nil }

    /// Reads a file, the first time; what it said then is what it says.
    ///
    /// - Throws: `FileError`.
    package func read(_ path: String) throws(FileError) -> [UInt8] {
        if let known = state.withLock({ $0.contents[ByteKey(path)] }) { return known }
        let place = directory.map { "\($0)/\(Self.name(path))" } ?? ProjectPath.absolute(path, in: projectRoot)
        let contents = try FileContents.read(place)
        state.withLock { $0.contents[ByteKey(path)] = contents }
        return contents
    }

    /// The files to keep with a generation: all that have been read.
    package var copies: [ConfigurationCopy] {
        state.withLock { state in
            state.contents.map { ConfigurationCopy(path: Self.name($0.key.text), contents: $0.value) }
        }
    }

    /// SHA-256 over a configuration's fingerprint and the files that have been read; the fingerprint without any.
    package func fingerprint(with configuration: String) -> String {
        let lines = state.withLock { state in
            state.contents.map { "\(SHA256.hexadecimal($0.value)) \($0.key)\n" }.sorted()
        }
        return lines.isEmpty ? configuration : SHA256.hexadecimal(Array((configuration + "\n" + lines.joined()).utf8))
    }

    /// A path is no name for a file of one directory; its hash is.
    private static func name(_ path: String) -> String { SHA256.hexadecimal(Array(path.utf8)) }
}
