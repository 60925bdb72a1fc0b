// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Whole files in memory, read with system calls so that Foundation's file manager is not needed.
package enum FileContents {
    /// - Parameter path: A regular file.
    /// - Returns: All of its bytes.
    /// - Throws: ``FileError``.
    package static func read(_ path: String) throws(FileError) -> [UInt8] {
        let descriptor = try openForReading(path)
        defer { close(descriptor) }
        return try read(descriptor: descriptor, path: path)
    }

    /// Opening a named pipe would wait for a writer; without waiting it turns out not to be a regular file.
    static func openForReading(_ path: String) throws(FileError) -> Int32 {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw FileError("open", path, errno) }
        return descriptor
    }

    /// Reads from the descriptor's position to the end.
    static func read(descriptor: Int32, path: String) throws(FileError) -> [UInt8] {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError("stat", path, errno) }
        let kind = status.st_mode & S_IFMT
        guard kind == S_IFREG else { throw FileError("read", path, kind == S_IFDIR ? EISDIR : ENOTSUP) }
        var contents = try read(descriptor, path, atMost: Int(status.st_size) + 1)
        // Usually the end was reached; files below /proc say that they are empty.
        while contents.count > status.st_size {
            let more = try read(descriptor, path, atMost: max(contents.count, 4096))
            if more.isEmpty { break }
            contents += more
        }
        return contents
    }

    /// Reads until so many bytes are there or the end is reached.
    private static func read(_ descriptor: Int32, _ path: String, atMost limit: Int) throws(FileError) -> [UInt8] {
        var code: Int32 = 0
        let contents = [UInt8](unsafeUninitializedCapacity: limit) { buffer, filled in
            while filled < limit {
                let rest = UnsafeMutableRawBufferPointer(buffer)[filled...]
                let count = Glibc.read(
                    descriptor, UnsafeMutableRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count == 0 { return }
                if count > 0 {
                    filled += count
                } else if errno != EINTR {
                    code = errno
                    return
                }
            }
        }
        guard code == 0 else { throw FileError("read", path, code) }
        return contents
    }

    /// Writes a file so that readers see either the old or the new one: to a temporary name in the same directory, then
    /// by rename.
    ///
    /// - Parameters:
    ///   - path: Where; an existing file is replaced.
    ///   - contents: What the file will hold.
    ///   - mode: Its permissions.
    /// - Throws: ``FileError``; the temporary file is removed.
    package static func replace(_ path: String, with contents: some Sequence<UInt8>, mode: UInt32) throws(FileError) {
        let temporary = "\(path).\(getpid())-\(UInt32.random(in: 0...UInt32.max)).tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw FileError("create", temporary, errno) }
        do throws(FileError) {
            defer { close(descriptor) }
            try write(Array(contents), to: descriptor, path: temporary)
            // The umask took away bits that the caller asked for.
            guard fchmod(descriptor, mode) == 0 else { throw FileError("chmod", temporary, errno) }
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, path) == 0 else {
            let code = errno
            unlink(temporary)
            throw FileError("rename", path, code)
        }
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(FileError) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                let rest = UnsafeRawBufferPointer(rebasing: buffer[written...])
                return Glibc.write(descriptor, rest.baseAddress, rest.count)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw FileError("write", path, errno)
            }
            written += count
        }
    }

    /// Creates a directory and those above it; one that exists is fine.
    ///
    /// - Throws: ``FileError``.
    package static func createDirectory(_ path: String) throws(FileError) {
        if mkdir(path, 0o777) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
            throw FileError("create directory", path, errno)
        }
        try createDirectory(String(path[..<slash]))
        guard mkdir(path, 0o777) == 0 || errno == EEXIST else { throw FileError("create directory", path, errno) }
    }

    /// Names in a directory, sorted; an absent directory has none.
    ///
    /// - Throws: ``FileError``.
    package static func list(_ directory: String) throws(FileError) -> [String] {
        guard let handle = opendir(directory) else {
            if errno == ENOENT { return [] }
            throw FileError("list", directory, errno)
        }
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Whether a directory exists there.
    package static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Whether a path to a directory passes through that directory before: following such a link would never end.
    static func leadsBack(_ path: String) -> Bool {
        guard let here = identity(path) else { return false }
        var above = path
        while let slash = above.lastIndex(of: "/") {
            above = String(above[..<slash])
            if identity(above.isEmpty ? "/" : above) == here { return true }
        }
        return false
    }

    private static func identity(_ path: String) -> [UInt]? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return [UInt(status.st_dev), UInt(status.st_ino)]
    }

    /// Whether anything exists there.
    package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}

/// A system call on a file failed.
package struct FileError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was tried, for example `open`.
    package let operation: String
    package let path: String
    /// The system's error number.
    package let code: Int32

    package init(_ operation: String, _ path: String, _ code: Int32) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    package var description: String { "cannot \(operation) \(path): \(String(cString: strerror(code)))" }
}
