// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A system call on a file failed.
package struct FileError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was tried, for example `open`.
    package let operation: String
    package let path: String
    /// The system's error number.
    package let code: Int32
    /// What the system's words for the number do not say.
    private let reason: String?

    package init(_ operation: String, _ path: String, _ code: Int32, reason: String? = nil) {
        self.operation = operation
        self.path = path
        self.code = code
        self.reason = reason
    }

    /// A file that is longer than its reader allows.
    init(_ path: String, size: Int, limit: Int) {
        self.init("read", path, EFBIG, reason: "it has \(size) bytes, \(limit) are allowed")
    }

    /// The error of a path that leads to a directory, a device or the like where a regular file is needed.
    package init(_ operation: String, _ path: String, kind: UInt32) {
        let what: String? =
            switch kind {
            case S_IFIFO: "a named pipe"
            case S_IFSOCK: "a socket"
            case S_IFCHR, S_IFBLK: "a device"
            default: nil
            }
        self.init(
            operation, path, kind == S_IFDIR ? EISDIR : ENOTSUP, reason: what.map { "it is \($0), and no file" })
    }

    package var description: String {
        "cannot \(operation) \(PlainText.line(path)): \(reason ?? String(cString: strerror(code)))"
    }
}
