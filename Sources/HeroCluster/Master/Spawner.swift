// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Starts programs with exactly the descriptors that they are to have.
///
/// A bare fork would copy a process of many threads with only one of them; posix_spawn executes a program instead.
struct Spawner {
    let executable: String
    /// What the program is told that it was started as; its path unless it is executed by way of a descriptor.
    var name: String?
    let arguments: [String]
    var environment: [String: String]
    /// Descriptors of this process by the number that they have in the child.
    ///
    /// 0 to 2 are needed, too.
    var descriptors: [(child: Int32, own: Int32)] = []
    /// Whether the child leaves the terminal and outlives this process.
    var isSession = false
    /// Signals that wait until the program knows what to do about them.
    var blockedSignals: [Int32] = []

    /// - Returns: The process's number.
    /// - Throws: ``SpawnFailure``.
    func start() throws(SpawnFailure) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var copies: [Int32] = []
        defer { for copy in copies { close(copy) } }
        // Above the numbers of the child, so that no number is overwritten before it is copied.
        let above = descriptors.reduce(2) { max($0, $1.child) } + 1
        for (child, own) in descriptors {
            let copy = fcntl(own, F_DUPFD_CLOEXEC, above)
            guard copy >= 0 else { throw SpawnFailure(executable, errno) }
            copies.append(copy)
            posix_spawn_file_actions_adddup2(&actions, copy, child)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A group of its own: Ctrl-C in a terminal is for the master, which tells its children in its own way.
        var flags = Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF)
        flags |= isSession ? Self.setSession : Int16(POSIX_SPAWN_SETPGROUP)
        var blocked = sigset_t()
        sigemptyset(&blocked)
        for signal in blockedSignals { sigaddset(&blocked, signal) }
        posix_spawnattr_setsigmask(&attributes, &blocked)
        var standard = sigset_t()
        sigemptyset(&standard)
        for signal in [SIGPIPE, SIGHUP, SIGINT, SIGTERM, SIGQUIT, SIGUSR1, SIGUSR2, SIGCHLD] {
            sigaddset(&standard, signal)
        }
        posix_spawnattr_setsigdefault(&attributes, &standard)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, flags)
        return try spawn(&actions, &attributes)
    }

    /// POSIX_SPAWN_SETSID, which the C library shows only to programs that ask for GNU extensions.
    private static let setSession: Int16 = 0x80

    private func spawn(
        _ actions: inout posix_spawn_file_actions_t, _ attributes: inout posix_spawnattr_t
    ) throws(SpawnFailure) -> Int32 {
        var words: [UnsafeMutablePointer<CChar>?] = ([name ?? executable] + arguments).map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer {
            for word in words { free(word) }
            for variable in variables { free(variable) }
        }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, executable, &actions, &attributes, &words, &variables)
        guard code == 0 else { throw SpawnFailure(executable, code) }
        return pid
    }
}

/// A program cannot be started.
package struct SpawnFailure: Error, Sendable, CustomStringConvertible {
    package let description: String

    init(_ executable: String, _ code: Int32) {
        description = "cannot start \(executable): \(String(cString: strerror(code)))"
    }
}
