// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import CHero
internal import Glibc

/// A directory out of which no path leads.
///
/// All methods touch the disk and may take long.
struct FileRoot: ~Copyable {
    private let directory: String
    private let descriptor: Int32
    /// `O_PATH`, a GNU extension: needs no right to list the directory.
    private static let pathOnly: Int32 = 0o10_000_000

    /// - Parameter directory: An absolute path; may be a link.
    /// - Throws: `missing` when there is no such directory, `unreadable` when it cannot be told.
    init(_ directory: String) throws(FileFault) {
        let opened = Glibc.open(directory, Self.pathOnly | O_DIRECTORY | O_CLOEXEC)
        descriptor = try Self.checked(opened < 0 ? -errno : opened)
        self.directory = directory
    }

    deinit { Glibc.close(descriptor) }

    /// - Parameters:
    ///   - path: Relative, without `.` and `..`.
    ///   - findsHidden: Whether a link may lead to a name that begins with a dot.
    /// - Returns: An open file of any kind.
    /// - Throws: Why there is none.
    func open(_ path: String, findsHidden: Bool) throws(FileFault) -> Int32 {
        let opened = try open(path)
        guard !findsHidden, leadsToHidden(opened, path) else { return opened }
        Glibc.close(opened)
        throw .missing
    }

    /// Whether a link on the way has led to a hidden name: by the path that the system knows for the open file.
    private func leadsToHidden(_ opened: Int32, _ path: String) -> Bool {
        // There may be no /proc.
        guard let root = Self.target(descriptor) ?? Self.resolved(directory).map({ Array($0.utf8) }),
            let file = Self.target(opened) ?? Self.resolved("\(directory)/\(path)").map({ Array($0.utf8) })
        else { return true }
        guard file.starts(with: root) else { return false }
        let below = String(decoding: file.dropFirst(root.count), as: UTF8.self)
        return FileName(below, in: nil)?.isHidden ?? true
    }

    /// Reads where a link leads, as bytes: names need not be text.
    private static func target(_ descriptor: Int32) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = buffer.withUnsafeMutableBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) { text in
                text.baseAddress.map { readlink("/proc/self/fd/\(descriptor)", $0, text.count) } ?? -1
            }
        }
        return count > 0 ? Array(buffer[..<count]) : nil
    }

    private func open(_ path: String) throws(FileFault) -> Int32 {
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
        return try openWalking(relative)
    }

    /// Step by step, following no link: a directory on the way may have become one since.
    private func openWalking(_ path: String) throws(FileFault) -> Int32 {
        let names = path.split(separator: "/")
        guard let last = names.last else { return try openStep(descriptor, ".", O_RDONLY | O_DIRECTORY) }
        var (place, isOwned) = (descriptor, false)
        defer { if isOwned { Glibc.close(place) } }
        for name in names.dropLast() {
            let next = try openStep(place, String(name), Self.pathOnly | O_DIRECTORY)
            if isOwned { Glibc.close(place) }
            (place, isOwned) = (next, true)
        }
        return try openStep(place, String(last), O_RDONLY)
    }

    private func openStep(_ place: Int32, _ name: String, _ flags: Int32) throws(FileFault) -> Int32 {
        let opened = openat(place, name, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW)
        return try Self.checked(opened < 0 ? -errno : opened)
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
}

/// Why there is no file to send.
enum FileFault: Error, Equatable {
    /// None that may be sent.
    case missing
    /// Whether there is such a file is not known: the process or the disk is in trouble.
    case unreadable(errno: Int32)
}
