// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import HeroSystem

/// A file of jobs that wait for Redis, locked by the one process that writes it.
///
/// Used by one queue at a time. The lock ends with the process.
final class KeptFile {
    private(set) var path: String
    let reading: KeptLog.Reading
    private var descriptor: Int32
    private var length: Int

    /// `nil` when another process has it, or it is gone.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - creates: Whether it may be new.
    /// - Throws: `FileError`.
    init?(_ path: String, creates: Bool) throws(FileError) {
        let descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | (creates ? O_CREAT : 0), 0o600)
        guard descriptor >= 0 else {
            if errno == ENOENT, !creates { return nil }
            throw FileError("open", path, errno)
        }
        // A file that was replaced or removed while it was waited for is nobody's.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, Self.isAt(path, descriptor) else {
            close(descriptor)
            return nil
        }
        do throws(FileError) {
            let bytes = try FileContents.read(descriptor: descriptor, path: path, limit: 1 << 31)
            reading = KeptLog.read(bytes)
            if reading.isDamaged { try FileContents.replace(path + ".damaged", with: bytes, mode: 0o600) }
        } catch {
            close(descriptor)
            throw error
        }
        (self.path, self.descriptor, length) = (path, descriptor, reading.length)
        // What was not finished was not accepted.
        if length == 0 { try append(KeptLog.head) } else { try cut() }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    private static func isAt(_ path: String, _ descriptor: Int32) -> Bool {
        var (one, other) = (stat(), stat())
        guard fstat(descriptor, &one) == 0, stat(path, &other) == 0 else { return false }
        return one.st_ino == other.st_ino && one.st_dev == other.st_dev
    }

    private func cut() throws(FileError) {
        guard ftruncate(descriptor, off_t(length)) == 0 else { throw FileError("truncate", path, errno) }
    }

    /// Returns when the disk has it.
    ///
    /// - Throws: `FileError`; nothing is there then.
    func append(_ bytes: [UInt8]) throws(FileError) {
        do throws(FileError) {
            try Self.write(bytes, to: descriptor, at: length, path)
        } catch {
            _ = ftruncate(descriptor, off_t(length))
            throw error
        }
        length += bytes.count
    }

    private static func write(
        _ bytes: [UInt8], to descriptor: Int32, at place: Int, _ path: String
    ) throws(FileError) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress.map { $0 + written }, bytes.count - written, off_t(place + written))
            }
            if count > 0 { written += count } else if errno != EINTR { throw FileError("write", path, errno) }
        }
        guard fdatasync(descriptor) == 0 else { throw FileError("write", path, errno) }
    }

    /// Puts other contents in the place of these: either all of them or none.
    func rewrite(_ bytes: [UInt8]) throws(FileError) {
        let (new, descriptor) = (path + ".new", open(path + ".new", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600))
        guard descriptor >= 0 else { throw FileError("open", new, errno) }
        do throws(FileError) {
            // Locked before anybody can find it.
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { throw FileError("lock", new, errno) }
            try Self.write(bytes, to: descriptor, at: 0, new)
            guard rename(new, path) == 0 else { throw FileError("rename", new, errno) }
        } catch {
            close(descriptor)
            throw error
        }
        close(self.descriptor)
        (self.descriptor, length) = (descriptor, bytes.count)
        syncDirectory()
    }

    /// Goes on under another name, which is nobody's; the lock stays.
    func move(to other: String) throws(FileError) {
        guard rename(path, other) == 0 else { throw FileError("rename", path, errno) }
        path = other
        syncDirectory()
    }

    func remove() {
        unlink(path)
        close(descriptor)
        descriptor = -1
    }

    /// A name that a crash of the machine forgets would take its jobs with it.
    func syncDirectory() {
        let directory = open(String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]), O_RDONLY | O_CLOEXEC)
        guard directory >= 0 else { return }
        fsync(directory)
        close(directory)
    }
}
