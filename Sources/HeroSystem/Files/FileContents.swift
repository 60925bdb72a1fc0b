// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Whole files in memory, read with system calls so that Foundation's file manager is not needed.
package enum FileContents {
    /// What a file may have that is read as a whole, where its reader says nothing else; bytes.
    package static let defaultLimit = 64 << 20

    /// - Parameters:
    ///   - path: A regular file.
    ///   - limit: How many bytes it may have. Whoever can write a file would otherwise decide how much memory this takes.
    /// - Returns: All of its bytes.
    /// - Throws: ``FileError``; with `EFBIG` for a file that is longer, none of which has been read then.
    package static func read(_ path: String, limit: Int = defaultLimit) throws(FileError) -> [UInt8] {
        let descriptor = try openForReading(path)
        defer { close(descriptor) }
        return try read(descriptor: descriptor, path: path, limit: limit)
    }

    /// Opening a named pipe would wait for a writer; without waiting it turns out not to be a regular file.
    package static func openForReading(_ path: String) throws(FileError) -> Int32 {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw FileError("open", path, errno) }
        return descriptor
    }

    /// Reads from the descriptor's position to the end.
    package static func read(descriptor: Int32, path: String, limit: Int = defaultLimit) throws(FileError) -> [UInt8] {
        let size = try size(descriptor, path: path)
        guard size <= limit else { throw FileError(path, size: size, limit: limit) }
        var contents = try read(descriptor, path, atMost: size + 1)
        // Usually the end was reached; files below /proc say that they are empty.
        while contents.count > size {
            guard contents.count <= limit else { throw FileError(path, size: contents.count, limit: limit) }
            let more = try read(descriptor, path, atMost: max(contents.count, 4096))
            if more.isEmpty { break }
            contents += more
        }
        return contents
    }

    /// The size of a regular file; what is none is refused.
    package static func size(_ descriptor: Int32, path: String) throws(FileError) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError("stat", path, errno) }
        let kind = status.st_mode & S_IFMT
        guard kind == S_IFREG else { throw FileError("read", path, kind: kind) }
        return Int(status.st_size)
    }

    /// Refuses to put a file where something else lies.
    ///
    /// - Throws: ``FileError`` when there is a directory, a pipe, a socket or a device.
    package static func requireFileOrNothing(_ path: String) throws(FileError) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG else { return }
        throw FileError("write", path, kind: status.st_mode & S_IFMT)
    }

    /// Below this a process without memory would end at the next occasion anyway.
    private static let noticeableBytes = 8 << 20

    /// Asks the system, which says no where an array would end the process.
    ///
    /// Not by malloc: what only asks is optimized away.
    private static func hasMemory(_ bytes: Int) -> Bool {
        guard
            let probe = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            probe != MAP_FAILED
        else { return false }
        munmap(probe, bytes)
        return true
    }

    /// Reads until so many bytes are there or the end is reached.
    private static func read(_ descriptor: Int32, _ path: String, atMost limit: Int) throws(FileError) -> [UInt8] {
        guard limit < noticeableBytes || hasMemory(limit) else { throw FileError("read", path, ENOMEM) }
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
    ///   - owner: Its owner and group when root writes it; whoever writes it when it is `nil`.
    /// - Throws: ``FileError``; the temporary file is removed.
    package static func replace(
        _ path: String, with contents: some Sequence<UInt8>, mode: UInt32, owner: (user: UInt32, group: UInt32)? = nil
    ) throws(FileError) {
        let bytes = Array(contents)
        _ = try make(path, mode: mode) { (descriptor, temporary) throws(FileError) in
            var fault: FileError?
            bytes.withUnsafeBytes { buffer in
                do throws(FileError) { try write(buffer, to: descriptor, path: temporary) } catch { fault = error }
            }
            if let fault { throw fault }
            // Only root can give files away, and may have meant to change somebody's file without taking it.
            if let owner, geteuid() == 0, fchown(descriptor, owner.user, owner.group) != 0 {
                throw FileError("change the owner of", temporary, errno)
            }
            return true
        }
    }

    /// Gives a new file its name when it has been filled.
    ///
    /// What fills it gets a descriptor and the file's temporary name, and answers whether the file is wanted.
    private static func make(
        _ path: String, mode: UInt32, _ fill: (Int32, String) throws(FileError) -> Bool
    ) throws(FileError) -> Bool {
        let temporary = "\(path).\(getpid())-\(UInt32.random(in: 0...UInt32.max)).tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw FileError("create", temporary, errno) }
        var isComplete = false
        defer { if !isComplete { unlink(temporary) } }
        do {
            defer { close(descriptor) }
            guard try fill(descriptor, temporary) else { return false }
            // The umask took away bits that the caller asked for.
            guard fchmod(descriptor, mode) == 0 else { throw FileError("chmod", temporary, errno) }
        }
        guard rename(temporary, path) == 0 else { throw FileError("rename", path, errno) }
        isComplete = true
        return true
    }

    /// Copies a file piece by piece, as ``replace(_:with:mode:)`` writes one.
    ///
    /// - Parameters:
    ///   - source: A regular file.
    ///   - path: Where the copy goes.
    ///   - mode: The copy's permissions.
    ///   - sha256: What the bytes have to be; 64 hexadecimal digits.
    /// - Returns: `false`, without having made anything, when they are others.
    /// - Throws: ``FileError``.
    package static func copy(
        _ source: String, to path: String, mode: UInt32, sha256: String
    ) throws(FileError) -> Bool {
        let reading = try openForReading(source)
        defer { close(reading) }
        _ = try size(reading, path: source)
        var digest = SHA256.Running()
        return try make(path, mode: mode) { (writing, temporary) throws(FileError) in
            try FilePieces.read(reading, source) { (piece) throws(FileError) in
                digest.update(piece)
                try write(piece, to: writing, path: temporary)
            }
            return digest.hexadecimal() == sha256
        }
    }

    /// Whether a file has the bytes with this SHA-256, in hexadecimal digits.
    ///
    /// - Throws: ``FileError`` when it cannot be read, which says nothing about its bytes.
    package static func hasHash(_ path: String, _ sha256: String) throws(FileError) -> Bool {
        let descriptor = try openForReading(path)
        defer { close(descriptor) }
        _ = try size(descriptor, path: path)
        return try SHA256.hexadecimal(descriptor: descriptor, path: path) == sha256
    }

    private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String) throws(FileError) {
        var written = 0
        while written < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
            let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw FileError("write", path, errno)
            }
            written += count
        }
    }

    /// Creates a directory of a project, or of what the project uses elsewhere; one that exists is fine.
    ///
    /// The project may be away for a moment, because a release is being swapped or a disk is not mounted. It is never made
    /// anew: what runs would go on in an empty directory, and keep the real one from its place. Outside of it, for the same
    /// reason, nothing but the directory itself is made.
    ///
    /// - Parameters:
    ///   - path: Where.
    ///   - projectRoot: The project.
    ///   - mode: Permissions of what is created; the umask may take some of them away.
    /// - Throws: ``FileError``; with `ENOENT` when the project, or the directory outside of it, is not there.
    package static func createDirectory(
        _ path: String, in projectRoot: String, mode: UInt32 = 0o755
    ) throws(FileError) {
        if mkdir(path, mode) == 0 || errno == EEXIST { return }
        let code = errno
        let parent = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[..<$0]) } ?? ""
        let isInside = path.utf8.starts(with: "\(projectRoot)/".utf8)
        guard code == ENOENT, isInside, !parent.utf8.elementsEqual(projectRoot.utf8) else {
            let reason = code == ENOENT ? "\(isInside ? projectRoot : parent) is not there" : nil
            throw FileError("create directory", path, code, reason: reason)
        }
        try createDirectory(parent, in: projectRoot)
        guard mkdir(path, mode) == 0 || errno == EEXIST else { throw FileError("create directory", path, errno) }
    }

    /// Creates a directory and those above it; one that exists is fine.
    ///
    /// - Parameters:
    ///   - path: Where.
    ///   - mode: Permissions of what is created; the umask may take some of them away.
    /// - Throws: ``FileError``.
    package static func createDirectory(_ path: String, mode: UInt32 = 0o755) throws(FileError) {
        if mkdir(path, mode) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
            throw FileError("create directory", path, errno)
        }
        // Those above it are nobody's secret, and may be shared.
        try createDirectory(String(path[..<slash]))
        guard mkdir(path, mode) == 0 || errno == EEXIST else { throw FileError("create directory", path, errno) }
    }

    /// Names in a directory, sorted; an absent directory has none.
    ///
    /// - Parameters:
    ///   - directory: The directory.
    ///   - limit: How many names it may have.
    /// - Returns: The names, without `.` and `..`.
    /// - Throws: ``FileError``; with `EFBIG` when there are more.
    package static func list(_ directory: String, limit: Int = .max) throws(FileError) -> [String] {
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
            if name == "." || name == ".." { continue }
            guard names.count < limit else {
                throw FileError("list", directory, EFBIG, reason: "there are too many files in it and beside it")
            }
            names.append(name)
        }
        return names.sorted()
    }

    /// Whether a symbolic link lies there, wherever it leads.
    package static func isLink(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    /// Whether a directory exists there.
    package static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Whether a regular file exists there.
    package static func isFile(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// Whether a path to a directory passes through that directory before: following such a link would never end.
    package static func leadsBack(_ path: String) -> Bool {
        guard let here = identity(path) else { return false }
        var above = path
        while let slash = above.lastIndex(of: "/") {
            above = String(above[..<slash])
            if identity(above.isEmpty ? "/" : above) == here { return true }
        }
        return false
    }

    /// Whether both paths lead to the same file or directory.
    package static func areSame(_ one: String, _ other: String) -> Bool {
        identity(one).map { $0 == identity(other) } ?? false
    }

    private static func identity(_ path: String) -> [UInt]? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return [UInt(status.st_dev), UInt(status.st_ino)]
    }

    /// Whether anything exists there.
    package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}
