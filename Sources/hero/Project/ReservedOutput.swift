// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Glibc
import HeroSystem

/// Standard output, kept for the result of a command while code of bundles runs in its process.
///
/// What bundles print, and programs that they start, goes to standard error from then on: whoever reads the result, for
/// example as JSON, gets nothing else.
enum ReservedOutput {
    /// To be called before the first bundle is loaded, whose constructors may print.
    static func begin() { _ = descriptor }

    private static let descriptor: Int32 = {
        // What has been printed already stays where it was meant to go.
        fflush(nil)
        let copy = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
        // Without a descriptor left, or with standard output closed, there is nothing to keep apart.
        guard copy >= 0, dup2(STDERR_FILENO, STDOUT_FILENO) >= 0 else { return STDOUT_FILENO }
        return copy
    }()

    /// Writes lines, of which nothing but their ends acts on a terminal.
    ///
    /// - Throws: ``CommandFailure`` when they cannot be written to their end.
    static func print(_ lines: String) throws { try write(Array((PlainText.lines(lines) + "\n").utf8)) }

    /// Writes JSON.
    ///
    /// - Throws: ``CommandFailure`` when it cannot be written to its end.
    static func print(_ json: JSON) throws { try write(Array((PlainText.json(json.text(indent: 2)) + "\n").utf8)) }

    /// Writes bytes as they are, behind everything that bundles have printed so far.
    ///
    /// - Throws: ``CommandFailure`` when they cannot be written to their end.
    static func write(_ bytes: [UInt8]) throws {
        fflush(nil)
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if count == 0 || errno != EINTR {
                throw CommandFailure("cannot write the answer: \(String(cString: strerror(errno)))")
            }
        }
    }
}
