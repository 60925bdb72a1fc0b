// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import HeroBundles

/// The master's pidfile, locked for as long as the master lives.
///
/// The lock, and not the number, says whether a master lives: numbers are used again.
final class MasterLock {
    let path: String
    let descriptor: Int32

    /// - Parameter directory: Of pidfiles; created when it does not exist.
    /// - Throws: ``MasterFailure`` when another master holds it, `FileError`.
    init(directory: String) throws {
        path = "\(directory)/cluster_pidfile"
        try FileContents.createDirectory(directory)
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw FileError("open", path, errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let owner = (try? FileContents.read(path)).map { String(decoding: $0, as: UTF8.self) } ?? "?"
            close(descriptor)
            throw MasterFailure("actionHeroCluster already running (pid \(owner))")
        }
        write()
    }

    /// Takes over from an earlier program in this process.
    init(inherited descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        write()
    }

    private func write() {
        let text = Array(String(getpid()).utf8)
        ftruncate(descriptor, 0)
        _ = text.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }

    /// Removes the file if it is still this one.
    func remove() {
        var (own, named) = (stat(), stat())
        guard fstat(descriptor, &own) == 0, stat(path, &named) == 0, own.st_ino == named.st_ino else { return }
        unlink(path)
    }
}

/// The cluster cannot be started, or a command not be carried out.
package struct MasterFailure: Error, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
