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
    private static let lockName = "lock"

    private let projectRoot: String
    private let lock: FileLock
    /// Relative to the project: compilers replace a percent sign in the path of what they write.
    let path: String

    /// - Throws: ``FileError``, `UntrustedProject`.
    init(in projectRoot: String) throws {
        self.projectRoot = projectRoot
        var trust = ProjectTrust(root: projectRoot)
        try trust.check([Self.parent])
        let parent = "\(projectRoot)/\(Self.parent)"
        try FileContents.createDirectory(parent, mode: 0o700)
        // Nobody must take a directory for left behind whose lock is yet to come.
        let gate = try FileLock(path: "\(parent)/\(Self.lockName)", mode: .exclusive)
        defer { gate.release() }
        for name in try FileContents.list(parent) { Self.removeLeftOver("\(parent)/\(name)", name) }
        path = "\(Self.parent)/\(Self.prefix)\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        try FileContents.createDirectory("\(projectRoot)/\(path)", mode: 0o700)
        lock = try FileLock(path: "\(projectRoot)/\(path)/\(Self.lockName)", mode: .exclusive)
    }

    deinit { Self.remove("\(projectRoot)/\(path)") }

    /// Files are what earlier versions of hero have left.
    private static func removeLeftOver(_ path: String, _ name: String) {
        if name.hasPrefix(prefix) {
            guard let lock = try? FileLock(path: "\(path)/\(lockName)", mode: .exclusive, patience: 0) else { return }
            remove(path)
            lock.release()
        } else if [".o", ".so", ".swiftmodule"].contains(where: name.hasSuffix) {
            unlink(path)
        }
    }

    private static func remove(_ path: String) {
        for name in (try? FileContents.list(path)) ?? [] { unlink("\(path)/\(name)") }
        rmdir(path)
    }
}
