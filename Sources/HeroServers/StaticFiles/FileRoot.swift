// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import CHero
internal import Glibc

/// A directory out of which no path leads.
///
/// Its methods touch the disk and may take long.
struct FileRoot: ~Copyable {
    private let directory: String
    private let descriptor: Int32
    /// `O_PATH`, a GNU extension: needs no right to list the directory.
    private static let pathOnly: Int32 = 0o10_000_000

    /// `nil` when there is no such directory.
    ///
    /// - Parameter directory: An absolute path; may be a link.
    init?(_ directory: String) {
        self.directory = directory
        descriptor = Glibc.open(directory, Self.pathOnly | O_DIRECTORY | O_CLOEXEC)
        if descriptor < 0 { return nil }
    }

    deinit { Glibc.close(descriptor) }

    /// - Parameter path: Relative, without `.` and `..`.
    /// - Returns: An open file of any kind.
    /// - Throws: Why there is none.
    func open(_ path: String) throws(FileFault) -> Int32 {
        let result = hero_open_beneath(descriptor, path)
        switch -result {
        case EXDEV, ENOSYS, EPERM: return try openResolved(path)
        default: return try Self.checked(result)
        }
    }

    /// For links that are absolute and yet stay inside, and for kernels and sandboxes without `openat2`.
    private func openResolved(_ path: String) throws(FileFault) -> Int32 {
        guard let real = Self.resolved("\(directory)/\(path)"), let root = Self.resolved(directory),
            real.hasPrefix(root == "/" ? root : "\(root)/")
        else { throw .missing }
        let relative = String(real.dropFirst(root == "/" ? 1 : root.count + 1))
        let result = hero_open_beneath(descriptor, relative)
        switch -result {
        case ENOSYS, EPERM: break
        default: return try Self.checked(result)
        }
        let opened = Glibc.open(real, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW)
        let file = try Self.checked(opened < 0 ? -errno : opened)
        // A directory on the way may have become a link since.
        guard let place = Self.linkTarget("/proc/self/fd/\(file)"), place == real else {
            Glibc.close(file)
            throw .missing
        }
        return file
    }

    private static func checked(_ result: Int32) throws(FileFault) -> Int32 {
        guard result < 0 else { return result }
        switch -result {
        // Running short of something says nothing about the file.
        case EMFILE, ENFILE, ENOMEM, EIO, EAGAIN, EINTR: throw .unreadable(errno: -result)
        default: throw .missing
        }
    }

    private static func resolved(_ path: String) -> String? {
        guard let text = realpath(path, nil) else { return nil }
        defer { free(text) }
        return String(cString: text)
    }

    private static func linkTarget(_ path: String) -> String? {
        let size = Int(PATH_MAX)
        return withUnsafeTemporaryAllocation(byteCount: size, alignment: 1) { buffer in
            guard let start = buffer.baseAddress else { return nil }
            let count = readlink(path, start.assumingMemoryBound(to: CChar.self), size)
            guard count >= 0, count < size else { return nil }
            return String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
        }
    }
}

/// Why there is no file to send.
enum FileFault: Error, Equatable {
    /// None that may be sent.
    case missing
    /// There may be one; the process or the disk is in trouble.
    case unreadable(errno: Int32)
}
