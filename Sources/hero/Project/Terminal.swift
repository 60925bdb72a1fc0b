// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Glibc

/// Standard output and error of a command.
enum Terminal {
    /// Prints lines to standard output.
    ///
    /// Whatever is not JSON and not a tool's own output goes out by this or by ``error(_:)``: names of files, notes of
    /// bundles and answers of servers come from others, and must not act on the terminal.
    static func print(_ lines: String) { Swift.print(PlainText.lines(lines)) }

    /// Prints JSON to standard output.
    static func print(_ json: JSON) { Swift.print(PlainText.json(json.text(indent: 2))) }

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

    static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        // What print() has buffered comes first.
        fflush(nil)
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                // Nobody reads standard error; there is no other place to say so.
                return
            }
        }
    }
}
