// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Starts and awaits programs.
///
/// Not Foundation's `Process`: when many are started at the same time it leaves ends of their pipes open in this process,
/// and whoever reads such a pipe waits for ever.
enum Child {
    struct CannotStart: Error, CustomStringConvertible {
        let description: String
    }

    /// - Parameters:
    ///   - executable: A path, or a name that PATH leads to.
    ///   - arguments: Its arguments.
    ///   - directory: The working directory.
    ///   - environment: Replaces the environment, except for PATH, HOME and TMPDIR.
    ///   - output: Becomes standard output; still the caller's.
    ///   - error: Becomes standard error; still the caller's.
    ///   - inherited: Become descriptors 3, 4 and so on; still the caller's.
    /// - Returns: The process's number, to be handed to ``wait(for:then:)`` once.
    /// - Throws: ``CannotStart``.
    static func start(
        _ executable: String, _ arguments: [String], directory: String, environment: [String: String], output: Int32,
        error: Int32, inherited: [Int32] = []
    ) throws -> pid_t {
        // env finds the program, changes the directory and becomes it; posix_spawn's own way is GNU's only.
        let words = ["/usr/bin/env", "-C", directory, executable] + arguments
        let ours = ProcessInfo.processInfo.environment.filter { ["PATH", "HOME", "TMPDIR"].contains($0.key) }
        // Tests that want Redis say so: starting it for all the others would cost more than they do.
        let variables = ours.merging(["REDIS_ENABLED": "false"]) { $1 }.merging(environment) { $1 }.map {
            "\($0.key)=\($0.value)"
        }
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, error, STDERR_FILENO)
        // Far above the numbers of the child, so that none is overwritten before it is copied.
        let copies = inherited.map { fcntl($0, F_DUPFD_CLOEXEC, 512) }
        defer { for copy in copies { close(copy) } }
        for (position, copy) in copies.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, copy, Int32(3 + position))
        }
        // The threads that tests run on have signals blocked, and would pass that on.
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var (argv, envp) = (words.map { strdup($0) } + [nil], variables.map { strdup($0) } + [nil])
        defer { for text in argv + envp { free(text) } }
        var identifier: pid_t = 0
        let code = posix_spawn(&identifier, words[0], &actions, &attributes, &argv, &envp)
        guard code == 0 else {
            throw CannotStart(
                description: "cannot start \(executable): \(String(cString: strerror(code)))")
        }
        return identifier
    }

    /// Waits on a thread of its own: pools have a limit, and some programs run as long as a test.
    ///
    /// - Parameters:
    ///   - identifier: What ``start(_:_:directory:environment:output:error:)`` returned.
    ///   - ended: Gets the exit code; negative for a signal.
    static func wait(for identifier: pid_t, then ended: @escaping @Sendable (Int32) -> Void) {
        Thread.detachNewThread {
            var status: Int32 = 0
            while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
            let signal = status & 0x7F
            ended(signal == 0 ? (status >> 8) & 0xFF : -signal)
        }
    }
}
