// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// One crash of a process: its message, its backtrace, and the actions that may have caused it.
package struct CrashReport: Sendable {
    /// One line.
    package let message: String
    /// Backtrace and whatever else was written.
    package let lines: [String]
    /// Actions that were executing on a thread at that moment.
    package let running: [String]
    /// Actions that had begun and not ended.
    package let inFlight: [String]

    package init(message: String, lines: [String], running: [String], inFlight: [String]) {
        self.message = message
        self.lines = lines
        self.running = running
        self.inFlight = inFlight
    }
}
