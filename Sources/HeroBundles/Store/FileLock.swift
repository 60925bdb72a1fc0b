// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Synchronization

/// An advisory lock on a file (flock(2)).
///
/// It ends with the process, however that ends.
package final class FileLock: Sendable {
    package enum Mode: Sendable {
        case shared
        case exclusive
    }

    private let descriptor: Mutex<Int32>

    /// Waits until the lock is free.
    ///
    /// - Parameters:
    ///   - path: The file; created when it does not exist, never removed.
    ///   - mode: Whether others may hold it too.
    /// - Throws: ``FileError``.
    package init(path: String, mode: Mode) throws(FileError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw FileError("open", path, errno) }
        while flock(descriptor, mode == .shared ? LOCK_SH : LOCK_EX) != 0 {
            if errno == EINTR { continue }
            let code = errno
            close(descriptor)
            throw FileError("lock", path, code)
        }
        self.descriptor = Mutex(descriptor)
    }

    /// Whether any process holds the lock.
    ///
    /// The answer may be out of date as soon as it is given.
    static func isHeld(_ path: String) -> Bool {
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_EX | LOCK_NB) != 0
    }

    /// Gives the lock back before the object goes away.
    package func release() {
        descriptor.withLock { descriptor in
            if descriptor >= 0 { close(descriptor) }
            descriptor = -1
        }
    }

    deinit { release() }
}
