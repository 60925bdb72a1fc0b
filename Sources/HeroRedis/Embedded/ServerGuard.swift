// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import HeroSystem

/// Ends `redis-server` when everybody who uses it is gone, however they went.
///
/// This process and its workers hold the writing end of a pipe. A small shell reads from the other end: it gets to the
/// end of the file when the last of them has ended, be it by SIGKILL, and then tells the server to end.
/// `PR_SET_PDEATHSIG` is no way to do that: it fires when the *thread* that started the server ends, and with the master,
/// whose workers still drain.
struct ServerGuard: Sendable {
    let reader: Int32
    /// A process that holds this descriptor keeps the server alive.
    let writer: Int32
    /// The shell's number; 0 without one.
    private(set) var process: Int32 = 0

    /// The pipe also says of which server the end is known already: its number may be somebody else's by now.
    private static let script =
        "trap '' HUP INT TERM; while read -r ended <&3; do [ \"$ended\" = \"$1\" ] && exit 0; done; kill -TERM \"$1\""

    init() throws(EmbeddedFailure) {
        // A pipe that nobody empties must not make this process wait; the shell waits.
        guard let pipe = SystemPipe(waiting: .reader) else {
            throw EmbeddedFailure("cannot make a pipe: \(String(cString: strerror(errno)))")
        }
        (reader, writer) = (pipe.reader, pipe.writer)
    }

    /// What an earlier program of this process has left.
    init(reader: Int32, writer: Int32, process: Int32) {
        (self.reader, self.writer, self.process) = (reader, writer, process)
    }

    /// Begins to watch over a server.
    ///
    /// - Parameter server: Its number.
    /// - Throws: ``EmbeddedFailure`` when there is no shell.
    mutating func watch(_ server: Int32) throws(EmbeddedFailure) {
        process = try ChildProgram.start(
            "/bin/sh", ["-c", Self.script, "hero-redis-guard", "\(server)"], descriptors: [(3, reader)])
    }

    /// To be called when a server has ended, and before its number can become another process's.
    ///
    /// The shell ends at once, also one that was stopped and reads nothing.
    mutating func forget(_ server: Int32) {
        guard process > 0 else { return }
        let line = Array("\(server)\n".utf8)
        _ = line.withUnsafeBytes { write(writer, $0.baseAddress, $0.count) }
        // Whoever reaps all children of this process may have been faster, and the number be somebody else's.
        if isChild { kill(process, SIGKILL) }
        for _ in 0..<Self.patience where isChild {
            var status: Int32 = 0
            if waitpid(process, &status, WNOHANG) != 0 { break }
            usleep(1000)
        }
        process = 0
    }

    /// Milliseconds for the end of a process that was killed.
    private static let patience = 2000

    private var isChild: Bool {
        var information = siginfo_t()
        return waitid(P_PID, id_t(process), &information, WEXITED | WNOHANG | WNOWAIT) == 0
    }

    var descriptors: [Int32] { [reader, writer] }
}
