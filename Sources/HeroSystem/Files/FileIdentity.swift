// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// What changes about a file when someone writes to it or puts another one in its place.
package struct FileIdentity: Hashable, CustomStringConvertible {
    package let device: UInt
    package let inode: UInt
    package let size: Int
    /// Nanoseconds since 1970.
    package let modified: Int
    /// Nanoseconds since 1970; unlike the time of modification it cannot be set.
    package let changed: Int

    package init(_ descriptor: Int32, path: String) throws(FileError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError("stat", path, errno) }
        self.init(status)
    }

    /// - Returns: Nothing when there is no file.
    package init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    private init(_ status: stat) {
        device = UInt(status.st_dev)
        inode = UInt(status.st_ino)
        size = Int(status.st_size)
        modified = Self.nanoseconds(status.st_mtim)
        changed = Self.nanoseconds(status.st_ctim)
    }

    private static func nanoseconds(_ time: timespec) -> Int { time.tv_sec * 1_000_000_000 + time.tv_nsec }

    /// The clock that files are stamped with.
    package static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return nanoseconds(time)
    }

    package var description: String { "\(device) \(inode) \(size) \(modified) \(changed)" }
}
