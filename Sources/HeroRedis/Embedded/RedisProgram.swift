// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// The program `redis-server`.
struct RedisProgram: Sendable {
    static let oldest = (6, 2)
    let path: String

    /// Finds it, in PATH when its name has no slash.
    ///
    /// - Throws: ``EmbeddedFailure`` that says what to do.
    init(_ name: String) throws(EmbeddedFailure) {
        guard let found = Self.find(name) else {
            throw EmbeddedFailure(
                "there is no \(name) to run as the project's Redis: install it (apt-get install redis-server), name a "
                    + "server in redis.url, or go without (redis.enabled: false)")
        }
        path = found
    }

    private static func find(_ name: String) -> String? {
        if name.contains("/") { return access(name, X_OK) == 0 ? name : nil }
        let variable = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        // An entry that is no absolute path means another program in each directory.
        return variable.split(separator: ":").filter { $0.hasPrefix("/") }.lazy.map { "\($0)/\(name)" }.first {
            access($0, X_OK) == 0
        }
    }

    /// Asks the program for its version, unless it is known.
    ///
    /// Asking takes as long as the server's own start. An older program must not see the data, so this cannot be done at
    /// the same time.
    ///
    /// - Parameters:
    ///   - file: Remembers the last program that was recent enough.
    ///   - isWanted: Asked again and again; the program is given up when it says no.
    /// - Throws: ``EmbeddedFailure`` when it is too old or says none.
    func checkVersion(knownIn file: String, while isWanted: () -> Bool) throws(EmbeddedFailure) {
        let identity = identity
        guard identity == nil || SmallFile.read(file) != identity else { return }
        try checkVersion(while: isWanted)
        if let identity { SmallFile.write(identity, to: file) }
    }

    /// What changes with the program; a script is not known by what it starts.
    private var identity: [UInt8]? {
        guard SmallFile.read(path)?.prefix(4) == [0x7F, 0x45, 0x4C, 0x46] else { return nil }
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        let time = status.st_mtim
        return Array(
            "\(path) \(status.st_dev) \(status.st_ino) \(status.st_size) \(time.tv_sec).\(time.tv_nsec)\n".utf8)
    }

    /// Asks the program for its version.
    ///
    /// - Throws: ``EmbeddedFailure`` when it is too old or says none.
    func checkVersion(while isWanted: () -> Bool) throws(EmbeddedFailure) {
        let program = try start(["--version"])
        let text = Self.output(program.output, while: isWanted)
        // One that has closed its output, or says nothing, may go on for ever; its group has what it has started itself.
        kill(-program.process, SIGKILL)
        close(program.output)
        var status: Int32 = 0
        while waitpid(program.process, &status, 0) < 0, errno == EINTR {}
        guard let text else { throw EmbeddedFailure("\(path) --version does not end") }
        let words = String(decoding: text, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        let version = words.first { $0.hasPrefix("v=") }?.dropFirst(2)
        let numbers = (version ?? "").split(separator: ".").prefix(2).compactMap { Int($0) }
        guard let version, numbers.count == 2 else {
            throw EmbeddedFailure("\(path) --version does not say which version of Redis it is")
        }
        guard (numbers[0], numbers[1]) >= Self.oldest else {
            throw EmbeddedFailure("\(path) is Redis \(version); 6.2 or later is needed")
        }
    }

    /// - Returns: All that comes, or `nil` when it is not wanted any more or takes too long.
    private static func output(_ descriptor: Int32, while isWanted: () -> Bool) -> [UInt8]? {
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        for _ in 0..<answerTurns {
            guard isWanted() else { return nil }
            var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&wanted, 1, answerTurn) > 0 else { continue }
            let count = read(descriptor, &buffer, buffer.count)
            if count > 0 { text += buffer[..<count] }
            if count == 0 || count < 0 && errno != EINTR { return text }
        }
        return nil
    }

    /// Milliseconds between two looks whether it is still wanted.
    private static let answerTurn: Int32 = 100
    /// Together 30 s: a busy machine may need a while to load a program.
    private static let answerTurns = 300

    /// Starts it with nothing of this process but an output to read, and a lock.
    ///
    /// - Parameters:
    ///   - arguments: Its arguments.
    ///   - lock: A descriptor that it holds for as long as it lives.
    /// - Returns: The process's number, and the end of its output, the caller's.
    /// - Throws: ``EmbeddedFailure`` when the system refuses.
    func start(_ arguments: [String], lock: Int32? = nil) throws(EmbeddedFailure) -> (process: Int32, output: Int32) {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw EmbeddedFailure("cannot start \(path): \(String(cString: strerror(errno)))")
        }
        defer { close(ends[1]) }
        var descriptors: [(child: Int32, own: Int32)] = [(1, ends[1]), (2, ends[1])]
        if let lock { descriptors.append((3, lock)) }
        do throws(EmbeddedFailure) {
            return (try ChildProgram.start(path, arguments, descriptors: descriptors), ends[0])
        } catch {
            close(ends[0])
            throw error
        }
    }
}

/// Files of a few bytes.
private enum SmallFile {
    /// The first 4096 bytes.
    static func read(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        return count < 0 ? nil : Array(bytes[..<count])
    }

    /// What cannot be written, or is cut short, is only not known the next time.
    static func write(_ bytes: [UInt8], to path: String) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
        guard descriptor >= 0 else { return }
        _ = Glibc.write(descriptor, bytes, bytes.count)
        close(descriptor)
    }
}
