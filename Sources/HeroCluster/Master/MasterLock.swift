// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import HeroSystem

/// The master's pidfile, locked for as long as the master lives.
///
/// The lock, and not the number, says whether a master lives: numbers are used again.
final class MasterLock {
    /// Without links: one that moves must not lead to somebody else's file.
    let path: String
    let descriptor: Int32

    /// - Parameters:
    ///   - wanted: Where the pidfile is to be; its directory is created when it does not exist.
    ///   - projectRoot: Never created.
    /// - Throws: ``MasterFailure`` when another master holds it, `FileError`.
    init(path wanted: String, in projectRoot: String) throws {
        path = try ReleasePath.resolve(wanted, in: projectRoot)
        var lock = try Self.lock(path)
        // One that has just been removed by the master before this one locks nobody out.
        for _ in 0..<10 where !Self.isFile(lock, at: path) {
            close(lock)
            lock = try Self.lock(path)
        }
        descriptor = lock
        write()
    }

    private static func lock(_ path: String) throws -> Int32 {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o644)
        guard descriptor >= 0 else { throw FileError("open", path, errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw FileError("lock", path, kind: status.st_mode & S_IFMT)
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let owner = (try? FileContents.read(path)).map { String(decoding: $0, as: UTF8.self) } ?? "?"
            close(descriptor)
            throw MasterFailure("actionHeroCluster already running (pid \(owner))")
        }
        return descriptor
    }

    private static func isFile(_ descriptor: Int32, at path: String) -> Bool {
        var (own, named) = (stat(), stat())
        return fstat(descriptor, &own) == 0 && stat(path, &named) == 0 && own.st_ino == named.st_ino
            && own.st_dev == named.st_dev
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

    /// Gives the lock back, and the file if it is still this one.
    func release() {
        remove()
        close(descriptor)
    }

    /// Whether the file at the path is still this one.
    var isInPlace: Bool { Self.isFile(descriptor, at: path) }

    /// Removes the file if it is still this one.
    func remove() {
        if isInPlace { unlink(path) }
    }
}
