// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import HeroSystem

/// A program that leaves the terminal and outlives this process, once it has said that it is up.
package struct DetachedProgram {
    /// How the start has gone.
    package enum Outcome: Sendable, Hashable {
        /// The program goes on under this process number.
        case up(process: Int32)
        /// The program has ended, with this status, and has written this.
        case ended(status: Int32, output: String)
    }

    /// Names, in the program's environment, the descriptor at which it says that it is up.
    static let variable = "HERO_UP"
    /// Bytes of the output, of which the last say why.
    private static let remembered = 64 << 10

    /// Starts it and waits until it is up or has ended.
    ///
    /// - Parameters:
    ///   - executable: Its path.
    ///   - arguments: What it is given.
    ///   - environment: Its environment.
    ///   - null: What it reads.
    /// - Returns: What has come of it.
    /// - Throws: ``SpawnFailure``; ``MasterFailure`` without a pipe.
    package static func start(
        _ executable: String, _ arguments: [String], environment: [String: String], null: Int32
    ) throws -> Outcome {
        let (output, up) = (try makePipe(), try makePipe())
        defer { for descriptor in [output.reader, up.reader] { close(descriptor) } }
        var environment = environment
        environment[variable] = "3"
        let process: Int32
        do {
            defer { for descriptor in [output.writer, up.writer] { close(descriptor) } }
            process = try Spawner(
                executable: executable, arguments: arguments, environment: environment,
                descriptors: [(0, null), (1, output.writer), (2, output.writer), (3, up.writer)], isSession: true
            ).start()
        }
        return wait(for: process, output: output.reader, up: up.reader)
    }

    private static func makePipe() throws -> SystemPipe {
        guard let pipe = SystemPipe() else {
            throw MasterFailure("cannot make a pipe: \(String(cString: strerror(errno)))")
        }
        return pipe
    }

    private static func wait(for process: Int32, output: Int32, up: Int32) -> Outcome {
        var written: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        var isWriting = true
        while true {
            var wanted = [
                pollfd(fd: up, events: Int16(POLLIN), revents: 0),
                pollfd(fd: isWriting ? output : -1, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&wanted, nfds_t(wanted.count), -1) > 0 else { continue }
            if wanted[1].revents != 0 {
                let count = read(output, &buffer, buffer.count)
                if count > 0 { written = Array((written + buffer[..<count]).suffix(remembered)) }
                isWriting = count > 0
            } else if wanted[0].revents != 0 {
                guard read(up, &buffer, 1) != 1 else { return .up(process: process) }
                break
            }
        }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        return .ended(
            status: signal == 0 ? status >> 8 & 0xFF : 128 + signal, output: String(decoding: written, as: UTF8.self))
    }

    // MARK: The program

    /// Says that this process is up, if somebody waits for that, and writes to nobody from here on.
    package static func sayUp() {
        guard let text = getenv(variable).map({ String(cString: $0) }), let descriptor = Int32(text) else { return }
        unsetenv(variable)
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        if null >= 0 {
            for number in [STDOUT_FILENO, STDERR_FILENO] { dup2(null, number) }
            close(null)
        }
        var byte: UInt8 = 1
        _ = write(descriptor, &byte, 1)
        close(descriptor)
    }
}
