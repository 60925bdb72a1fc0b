// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Synchronization

/// An advisory lock on a file (flock(2)).
///
/// The lock ends with the process, however that ends.
package final class FileLock: Sendable {
    package enum Mode: Sendable {
        case shared
        case exclusive
    }

    private let descriptor: Mutex<Int32>

    /// Freezing a generation takes less; whoever needs longer is stopped or hangs.
    static let patienceMilliseconds = 20_000

    /// Waits until the lock is free, but not for ever.
    ///
    /// - Parameters:
    ///   - path: The file; created when it does not exist, never removed.
    ///   - mode: Whether others may hold it too.
    ///   - patience: How long to wait, in milliseconds.
    /// - Throws: ``FileError``, also when the time is over.
    package init(path: String, mode: Mode, patience: Int = patienceMilliseconds) throws(FileError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError("open", path, errno) }
        let operation = (mode == .shared ? LOCK_SH : LOCK_EX) | LOCK_NB
        var (waited, pause) = (0, 1)
        while flock(descriptor, operation) != 0 {
            let code = errno
            if code == EINTR { continue }
            guard code == EWOULDBLOCK, waited < patience else {
                close(descriptor)
                let reason =
                    "another process has not let go of it for \(patience / 1000) s; `fuser -v` names that process"
                throw FileError("lock", path, code, reason: code == EWOULDBLOCK ? reason : nil)
            }
            usleep(UInt32(pause * 1000))
            waited += pause
            pause = min(pause * 2, 50)
        }
        self.descriptor = Mutex(descriptor)
    }

    /// - Returns: `nil` when another process holds it.
    package static func ifFree(_ path: String, mode: Mode) throws(FileError) -> FileLock? {
        do throws(FileError) {
            return try FileLock(path: path, mode: mode, patience: 0)
        } catch {
            if error.code == EWOULDBLOCK { return nil }
            throw error
        }
    }

    /// Whether any process holds the lock.
    ///
    /// The answer may be out of date as soon as it is given.
    package static func isHeld(_ path: String) -> Bool {
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_EX | LOCK_NB) != 0
    }

    /// Gives the lock back before the object goes away.
    package func release() {
        descriptor.withLock { descriptor in
            guard descriptor >= 0 else { return }
            // A child that is between fork and exec has the descriptor, too, and would hold the lock on.
            _ = flock(descriptor, LOCK_UN)
            close(descriptor)
            descriptor = -1
        }
    }

    deinit { release() }
}
