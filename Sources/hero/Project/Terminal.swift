// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import CHero
import Glibc
import HeroSystem
import Synchronization

/// Standard output and error of a command.
enum Terminal {
    /// Prints lines to standard output.
    ///
    /// Whatever is not JSON and not a tool's own output goes out by this or by ``error(_:)``: names of files, notes of
    /// bundles and answers of servers come from others, and must not act on the terminal.
    static func print(_ lines: String) { Swift.print(PlainText.lines(lines)) }

    /// Prints JSON to standard output.
    static func print(_ json: JSON) { Swift.print(PlainText.json(json.text(indent: 2))) }

    /// The code of a command whose output could not be written (EX_IOERR).
    static let unwrittenExitCode: Int32 = 74
    /// Why something could not be written to standard output; 0 if all was.
    private static let failure = Atomic<Int32>(0)
    /// Whether the process serves: what it prints is a log then, and nobody's result.
    private static let isServing = Atomic<Bool>(false)

    /// Makes sure that a command whose output nobody gets does not end as if somebody had; to be called first.
    static func watchOutput() {
        // A file that is opened later must not get the number of one that is closed, and with it what is printed. Reading
        // from the first and writing to the others fails as it did before.
        for number in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(number, F_GETFD) < 0 {
            _ = open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
        // Not ignored, which programs that are started would inherit.
        signal(SIGPIPE) { _ in }
        atexit { Terminal.end() }
    }

    /// From now on what is printed is no result.
    static func serves() { isServing.store(true, ordering: .relaxed) }

    private static func end() {
        guard !isServing.load(ordering: .relaxed) else { return }
        note(hero_flush_output())
        let code = failure.load(ordering: .relaxed)
        guard code != 0 else { return }
        let reason = code > 0 ? ": \(String(cString: strerror(code)))" : ""
        error("Error: the output could not be written\(reason)")
        _exit(unwrittenExitCode)
    }

    /// - Parameter code: errno, 0 for none, less for one that is not known.
    private static func note(_ code: Int32) {
        if code != 0, failure.load(ordering: .relaxed) <= 0 { failure.store(code, ordering: .relaxed) }
    }

    /// Writes a line to standard error, behind everything that was printed before.
    static func error(_ line: String) { write(Array((PlainText.lines(line) + "\n").utf8), to: STDERR_FILENO) }

    /// Writes JSON to standard error.
    static func error(_ json: JSON) {
        write(Array((PlainText.json(json.text(indent: 2)) + "\n").utf8), to: STDERR_FILENO)
    }

    /// Writes bytes to standard error as they are.
    static func error(_ bytes: [UInt8]) { write(bytes, to: STDERR_FILENO) }

    /// Writes text without a line break to standard output, at once.
    static func show(_ text: String) { write(Array(text.utf8), to: STDOUT_FILENO) }

    /// Whether something could not be written to standard output: whoever goes on writing has nobody who reads it.
    static var hasFailed: Bool { failure.load(ordering: .relaxed) != 0 }

    static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        // What print() has buffered comes first.
        note(hero_flush_output())
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                // When nobody reads standard error, there is no other place to say so.
                if descriptor == STDOUT_FILENO { note(errno) }
                return
            }
        }
    }
}
