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
        return variable.split(separator: ":").lazy.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }

    /// Asks the program for its version.
    ///
    /// - Throws: ``EmbeddedFailure`` when it is too old or says none.
    func checkVersion() throws(EmbeddedFailure) {
        let program = try start(["--version"])
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(program.output, &buffer, buffer.count)
            if count > 0 { text += buffer[..<count] }
            if count == 0 || count < 0 && errno != EINTR { break }
        }
        close(program.output)
        var status: Int32 = 0
        while waitpid(program.process, &status, 0) < 0, errno == EINTR {}
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
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        // Far above the numbers of the child, so that none is overwritten before it is copied.
        var copies: [(own: Int32, child: Int32)] = [(ends[1], 1), (ends[1], 2)]
        if let lock { copies.append((lock, 3)) }
        var own: [Int32] = []
        defer { for copy in own { close(copy) } }
        for (descriptor, number) in copies {
            let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 256)
            own.append(copy)
            posix_spawn_file_actions_adddup2(&actions, copy, number)
        }
        var process: pid_t = 0
        let code = spawn(&process, arguments, &actions)
        guard code == 0 else {
            close(ends[0])
            throw EmbeddedFailure("cannot start \(path): \(String(cString: strerror(code)))")
        }
        return (process, ends[0])
    }

    private func spawn(
        _ process: inout pid_t, _ arguments: [String], _ actions: inout posix_spawn_file_actions_t
    ) -> Int32 {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        // A group of its own: Ctrl-C in a terminal is for hero, which stops the server last.
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        // Not this process's environment, which has secrets.
        var variables: [UnsafeMutablePointer<CChar>?] = [strdup("PATH=/usr/bin:/bin"), nil]
        defer { for text in words + variables { free(text) } }
        return posix_spawn(&process, path, &actions, &attributes, &words, &variables)
    }
}
