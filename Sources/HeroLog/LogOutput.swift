// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import CHero
internal import Glibc
internal import HeroSystem
internal import Synchronization

/// The system's end of a destination.
///
/// Used by one queue only.
package final class LogOutput: Sendable {
    /// Lines that could not be written, and why.
    package struct Failure {
        let lines: Int
        /// Whether not even the first line was written.
        let isWhole: Bool
        /// Whether it is worth trying again: there may be room later, but a pipe that is closed stays so.
        let mayPass: Bool
    }

    /// The signature of write(2).
    package typealias SystemWrite = @Sendable (Int32, UnsafeRawPointer?, Int) -> Int

    private let path: String?
    /// Never created; `nil` to create every directory above the file.
    private let projectRoot: String?
    /// Says whether what leads to the file, and the file, may be written to.
    private let check: Check
    private let descriptor: Mutex<Int32>
    private let systemWrite: SystemWrite
    /// Whether the file ends inside a line, which could not be written to its end.
    private let endsInsideLine = Atomic<Bool>(false)

    package typealias Check = @Sendable (String) throws -> Void

    package var isFile: Bool { path != nil }

    /// Writes to a descriptor that stays open, such as standard output.
    package init(descriptor: Int32, systemWrite: @escaping SystemWrite = { Glibc.write($0, $1, $2) }) {
        (path, projectRoot) = (nil, nil)
        check = { _ in }
        self.systemWrite = systemWrite
        self.descriptor = Mutex(descriptor)
    }

    /// Appends to a file, which is created, with its directory, when it does not exist.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - projectRoot: Never created, since it may be away for a moment; `nil` to create every directory above the file.
    ///   - check: Asked each time before the file is opened: others may have put a link there since.
    /// - Throws: ``LogFileError``, `FileError`, or what the check throws.
    package init(path: String, in projectRoot: String? = nil, check: @escaping Check = { _ in }) throws {
        (self.path, self.projectRoot) = (path, projectRoot)
        self.check = check
        systemWrite = { Glibc.write($0, $1, $2) }
        descriptor = Mutex(try Self.open(path, in: projectRoot, check))
    }

    private static func open(_ path: String, in projectRoot: String?, _ check: Check) throws -> Int32 {
        try check(path)
        // Rotation may have taken the directory with the files.
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            let directory = String(path[..<slash])
            if let projectRoot {
                try FileContents.createDirectory(directory, in: projectRoot, mode: 0o750)
            } else {
                try FileContents.createDirectory(directory, mode: 0o750)
            }
        }
        // What clients sent stands in it: for the group, and nobody else. A named pipe would be waited for.
        let opened = Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0o640)
        guard opened >= 0 else {
            let reason = errno == ENXIO ? "it is a pipe or device that nobody reads" : String(cString: strerror(errno))
            throw LogFileError(path: path, reason: reason)
        }
        _ = fcntl(opened, F_SETFL, fcntl(opened, F_GETFL) & ~O_NONBLOCK)
        return opened
    }

    /// - Throws: Why the file cannot be opened again; the old one is better than none, and goes on.
    package func reopen() throws {
        guard let path else { return }
        let fresh = try Self.open(path, in: projectRoot, check)
        descriptor.withLock { descriptor in
            close(descriptor)
            descriptor = fresh
        }
        endsInsideLine.store(false, ordering: .relaxed)
    }

    /// Writes lines, whole ones or none.
    ///
    /// - Parameter lines: Each with its end.
    /// - Returns: `nil` when all were written.
    package func write(_ lines: [UInt8]) -> Failure? {
        let descriptor = descriptor.withLock { $0 }
        // Bundles print there, too.
        let isShared = descriptor == STDOUT_FILENO
        if isShared { hero_lock_output() }
        defer { if isShared { hero_unlock_output() } }
        if endsInsideLine.load(ordering: .relaxed) {
            let (count, code) = writeAll([Self.lineEnd], to: descriptor)
            guard count == 1 else { return Self.failure(lines[...], code) }
            endsInsideLine.store(false, ordering: .relaxed)
        }
        let (written, code) = writeAll(lines, to: descriptor)
        guard written < lines.count else { return nil }
        let end = lines[..<written].lastIndex(of: Self.lineEnd).map { $0 + 1 } ?? 0
        if written > end, !Self.takeBack(written - end, descriptor) { endsInsideLine.store(true, ordering: .relaxed) }
        return Self.failure(lines[end...], code)
    }

    private static let lineEnd = UInt8(ascii: "\n")

    private static func failure(_ rest: ArraySlice<UInt8>, _ code: Int32) -> Failure {
        Failure(
            lines: rest.count { $0 == lineEnd }, isWhole: rest.startIndex == 0,
            mayPass: [ENOSPC, EDQUOT, EFBIG, ENOMEM, ENOBUFS].contains(code))
    }

    /// - Returns: How many bytes were written, and why not all.
    private func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> (count: Int, code: Int32) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                let rest = UnsafeRawBufferPointer(rebasing: buffer[written...])
                return systemWrite(descriptor, rest.baseAddress, rest.count)
            }
            if count >= 0 {
                written += count
            } else if errno == EAGAIN {
                waitUntilWritable(descriptor)
            } else if errno != EINTR {
                return (written, errno)
            }
        }
        return (written, 0)
    }

    /// Removes half a line from the end of a file, unless another process has written behind it.
    ///
    /// - Returns: Whether it is gone.
    private static func takeBack(_ count: Int, _ descriptor: Int32) -> Bool {
        var status = stat()
        let position = lseek(descriptor, 0, SEEK_CUR)
        guard position >= count, fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            status.st_size == position, ftruncate(descriptor, position - off_t(count)) == 0
        else { return false }
        lseek(descriptor, position - off_t(count), SEEK_SET)
        return true
    }

    /// Standard output may have been made non-blocking by whoever shares the terminal or pipe with this process.
    private func waitUntilWritable(_ descriptor: Int32) {
        var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&wanted, 1, 1000)
    }
}
