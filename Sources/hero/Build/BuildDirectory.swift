// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Glibc
import HeroBundles
import HeroSystem

/// Where one process keeps what it builds until it is finished.
///
/// A directory for each process and not a name: the names of object files become part of what is linked from them, and equal
/// sources give equal bundles. It goes with the process, or with the next build when the process was killed.
final class BuildDirectory: Sendable {
    private static let parent = "tmp/build"
    private static let prefix = "work-"
    private static let headersPrefix = "headers-"
    private static let lockName = "lock"

    private let projectRoot: String
    private let lock: FileLock
    /// Relative to the project: compilers replace a percent sign in the path of what they write.
    let path: String
    /// What the compiler makes of headers of the project, relative to it; `nil` for a project without.
    ///
    /// Clang takes a header for what it was when it has the size and the second of before, whatever is in it now. So each
    /// state of the headers has a directory of its own, which stays for the next build.
    let headers: String?

    /// - Parameters:
    ///   - projectRoot: The project.
    ///   - headersFingerprint: Changes when something in a header or in what leads to it does; `nil` when there are none.
    /// - Throws: ``FileError``, `UntrustedProject`.
    init(in projectRoot: String, headersFingerprint: String?) throws {
        self.projectRoot = projectRoot
        headers = headersFingerprint.map { "\(Self.parent)/\(Self.headersPrefix)\($0)" }
        var trust = ProjectTrust(root: projectRoot)
        try trust.check([headers ?? Self.parent])
        let parent = "\(projectRoot)/\(Self.parent)"
        try FileContents.createDirectory(parent, mode: 0o700)
        // Nobody must take a directory for left behind whose lock is yet to come.
        let gate = try FileLock(path: "\(parent)/\(Self.lockName)", mode: .exclusive)
        defer { gate.release() }
        let names = try FileContents.list(parent)
        var isAlone = true
        for name in names where Self.isInUse("\(parent)/\(name)", name) { isAlone = false }
        // Another build may be reading what was made of an earlier state.
        for name in names
        where isAlone && name.hasPrefix(Self.headersPrefix) && "\(Self.parent)/\(name)" != headers {
            Self.remove("\(parent)/\(name)")
        }
        if let headers { try FileContents.createDirectory("\(projectRoot)/\(headers)", mode: 0o700) }
        path = "\(Self.parent)/\(Self.prefix)\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        try FileContents.createDirectory("\(projectRoot)/\(path)", mode: 0o700)
        lock = try FileLock(path: "\(projectRoot)/\(path)/\(Self.lockName)", mode: .exclusive)
    }

    deinit { Self.remove("\(projectRoot)/\(path)") }

    /// Removes what processes that have ended left; files are what earlier versions of hero did.
    ///
    /// - Returns: Whether it belongs to another build that runs.
    private static func isInUse(_ path: String, _ name: String) -> Bool {
        if name.hasPrefix(prefix) {
            guard let lock = try? FileLock(path: "\(path)/\(lockName)", mode: .exclusive, patience: 0) else {
                return true
            }
            remove(path)
            lock.release()
        } else if [".o", ".so", ".swiftmodule"].contains(where: name.hasSuffix) {
            unlink(path)
        }
        return false
    }

    /// A link goes, and what it leads to stays.
    private static func remove(_ path: String) {
        for name in (try? FileContents.list(path)) ?? []
        where unlink("\(path)/\(name)") != 0 && errno == EISDIR { remove("\(path)/\(name)") }
        rmdir(path)
    }
}
