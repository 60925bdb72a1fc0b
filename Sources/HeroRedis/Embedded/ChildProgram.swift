// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Starts programs with nothing of this process but the descriptors that they are to have.
enum ChildProgram {
    /// - Parameters:
    ///   - path: Of the program.
    ///   - arguments: Its arguments.
    ///   - descriptors: Of this process by the number that they get there; of 0 to 2 those that are missing lead nowhere.
    /// - Returns: The process's number.
    /// - Throws: ``EmbeddedFailure`` when the system refuses.
    static func start(
        _ path: String, _ arguments: [String], descriptors: [(child: Int32, own: Int32)]
    ) throws(EmbeddedFailure) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for number in 0...2 as ClosedRange<Int32> where !descriptors.contains(where: { $0.child == number }) {
            posix_spawn_file_actions_addopen(&actions, number, "/dev/null", O_RDWR, 0)
        }
        // Above the numbers of the child, so that none is overwritten before it is copied.
        let above = max(2, descriptors.map(\.child).max() ?? 2) + 1
        var copies: [Int32] = []
        defer { for copy in copies { close(copy) } }
        for (child, own) in descriptors {
            let copy = fcntl(own, F_DUPFD_CLOEXEC, above)
            guard copy >= 0 else {
                throw EmbeddedFailure("cannot start \(path): no descriptor left: \(String(cString: strerror(errno)))")
            }
            copies.append(copy)
            posix_spawn_file_actions_adddup2(&actions, copy, child)
        }
        var process: pid_t = 0
        let code = spawn(&process, path, arguments, &actions)
        guard code == 0 else { throw EmbeddedFailure("cannot start \(path): \(String(cString: strerror(code)))") }
        return process
    }

    private static func spawn(
        _ process: inout pid_t, _ path: String, _ arguments: [String], _ actions: inout posix_spawn_file_actions_t
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
