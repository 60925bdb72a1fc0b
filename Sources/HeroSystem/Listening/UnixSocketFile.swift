// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// The file of a Unix socket, looked at before it is changed or removed.
///
/// Whatever else lies at the path that somebody has configured is not hero's to touch.
struct UnixSocketFile: Sendable, Equatable {
    private let path: String
    private let device: UInt
    private let node: UInt
    /// When it was made, in nanoseconds: numbers of files are used again.
    private let made: Int

    private init(_ path: String, _ status: stat) {
        self.path = path
        device = UInt(status.st_dev)
        node = UInt(status.st_ino)
        made = status.st_mtim.tv_sec &* 1_000_000_000 &+ status.st_mtim.tv_nsec
    }

    /// What lies at a path.
    enum Finding: Equatable {
        case nothing
        /// A socket of this process's user.
        case own(UnixSocketFile)
        /// In words: `a directory`.
        case foreign(String)
    }

    /// Looks without following a link.
    static func look(_ path: String) -> Finding {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            return errno == ENOENT ? .nothing : .foreign("something that cannot be looked at")
        }
        switch status.st_mode & S_IFMT {
        case S_IFSOCK where status.st_uid == geteuid():
            return .own(UnixSocketFile(path, status))
        case S_IFSOCK: return .foreign("a socket of another user (\(status.st_uid))")
        case S_IFREG: return .foreign("a regular file")
        case S_IFDIR: return .foreign("a directory")
        case S_IFLNK: return .foreign("a symbolic link")
        default: return .foreign("something else than a socket")
        }
    }

    /// Removes the file, unless something else has taken its place.
    ///
    /// - Returns: Whether there is nothing at the path any more.
    @discardableResult
    func remove() -> Bool { Self.look(path) == .own(self) ? unlink(path) == 0 : Self.look(path) == .nothing }

    /// Lets others connect, or keeps them out.
    ///
    /// - Returns: 0, or why it cannot be done.
    func grant(_ access: SocketAccess) -> Int32 {
        // Through a descriptor, which neither a link nor another file can take the place of.
        let descriptor = open(path, Self.pathOnly | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return errno }
        defer { Glibc.close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return errno }
        guard UnixSocketFile(path, status) == self else { return EBUSY }
        if let group = access.group, group != status.st_gid,
            fchownat(descriptor, "", uid_t.max, group, Self.emptyPath) != 0
        {
            return errno
        }
        return chmod("/proc/self/fd/\(descriptor)", access.mode) == 0 ? 0 : errno
    }

    /// `O_PATH` and `AT_EMPTY_PATH`, GNU extensions.
    private static let pathOnly: Int32 = 0o10_000_000
    private static let emptyPath: Int32 = 0x1000
}
