// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import HeroSystem
internal import Synchronization

/// The directory in which one process keeps uploads, made when the first one comes.
///
/// It is locked as long as the process lives, so another one that starts can tell what a dead process has left.
/// Everything here blocks.
final class UploadDirectory: Sendable {
    struct Failure: Error {
        let code: Int32
        let reason: String

        init(code: Int32, reason: String? = nil) {
            self.code = code
            self.reason = reason ?? String(cString: strerror(code))
        }
    }

    private struct Made {
        let path: String
        /// Holds the lock.
        let descriptor: Int32
    }

    private static let prefix = "uploads-"
    let parent: String
    private let check: @Sendable (_ path: String) throws -> Void
    private let made = Mutex<Made?>(nil)

    /// - Parameters:
    ///   - parent: `web.formOptions.uploadDir`, absolute.
    ///   - check: Throws for a directory that others may change.
    init(_ parent: String, check: @escaping @Sendable (_ path: String) throws -> Void) {
        self.parent = parent
        self.check = check
    }

    deinit {
        if let descriptor = made.withLock({ $0?.descriptor }) { close(descriptor) }
    }

    /// Makes a file that only this user can read, under a name that nobody can guess.
    ///
    /// - Parameter suffix: Put behind the name.
    /// - Returns: Its path and name, open for writing.
    /// - Throws: ``Failure``.
    func makeFile(suffix: String) throws(Failure) -> (path: String, name: String, descriptor: Int32) {
        let name = Self.randomName() + suffix
        var isSecondTime = false
        while true {
            let directory = try directory()
            let descriptor = openat(
                directory.descriptor, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
            if descriptor >= 0 {
                if Int(descriptor) < DescriptorLimit.forFiles {
                    return ("\(directory.path)/\(name)", name, descriptor)
                }
                unlinkat(directory.descriptor, name, 0)
                close(descriptor)
                throw Failure(code: EMFILE)
            }
            // Somebody has tidied up; once is forgiven.
            guard errno == ENOENT, !isSecondTime else { throw Failure(code: errno) }
            isSecondTime = true
            made.withLock { made in
                if let old = made, old.descriptor == directory.descriptor {
                    close(old.descriptor)
                    made = nil
                }
            }
        }
    }

    private func directory() throws(Failure) -> (path: String, descriptor: Int32) {
        try made.withLock { made throws(Failure) in
            if let made { return (made.path, made.descriptor) }
            // What was not there when the process started, others may have made since; and so, while it is made.
            try requireTrusted()
            try Self.makeParents(parent)
            try requireTrusted()
            let new = try Self.make(in: parent)
            made = new
            return (new.path, new.descriptor)
        }
    }

    private func requireTrusted() throws(Failure) {
        do {
            try check(parent)
        } catch {
            throw Failure(code: EACCES, reason: "\(error)")
        }
    }

    private static func make(in parent: String) throws(Failure) -> Made {
        let name = randomName()
        // Locked before it has the name that others look for.
        let (hidden, path) = ("\(parent)/.\(name)", "\(parent)/\(prefix)\(getpid())-\(name)")
        guard mkdir(hidden, 0o700) == 0 else { throw Failure(code: errno) }
        let descriptor = open(hidden, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0, rename(hidden, path) == 0 else {
            let code = errno
            if descriptor >= 0 { close(descriptor) }
            rmdir(hidden)
            throw Failure(code: code)
        }
        return Made(path: path, descriptor: descriptor)
    }

    private static func makeParents(_ path: String) throws(Failure) {
        if access(path, F_OK) == 0 { return }
        var position = path.startIndex
        while let slash = path[path.index(after: position)...].firstIndex(of: "/") {
            mkdir(String(path[..<slash]), 0o755)
            position = slash
        }
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw Failure(code: errno) }
    }

    /// 129 bits in the digits and small letters that the reference's names have.
    private static func randomName() -> String {
        let characters = Array("0123456789abcdefghijklmnopqrstuvwxyz")
        return String((0..<25).map { _ in characters[Int.random(in: 0..<characters.count)] })
    }

    /// Removes the process's own directory with everything in it.
    func remove() {
        let old = made.withLock { made in
            defer { made = nil }
            return made
        }
        guard let old else { return }
        Self.empty(old.descriptor)
        rmdir(old.path)
        close(old.descriptor)
    }

    /// Removes what processes that were killed have left.
    ///
    /// - Returns: How many files.
    func removeLeftovers() -> Int {
        guard let names = Self.names(parent) else { return 0 }
        var count = 0
        for name in names where name.hasPrefix(Self.prefix) {
            let path = "\(parent)/\(name)"
            let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
            guard descriptor >= 0 else { continue }
            var status = stat()
            if fstat(descriptor, &status) == 0, status.st_uid == geteuid(), flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
                count += Self.empty(descriptor)
                rmdir(path)
            }
            close(descriptor)
        }
        return count
    }

    @discardableResult
    private static func empty(_ descriptor: Int32) -> Int {
        var count = 0
        for name in names("/proc/self/fd/\(descriptor)") ?? [] where unlinkat(descriptor, name, 0) == 0 { count += 1 }
        return count
    }

    private static func names(_ path: String) -> [String]? {
        guard let stream = opendir(path) else { return nil }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
