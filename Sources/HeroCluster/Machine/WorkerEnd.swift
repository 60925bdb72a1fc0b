// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroSystem

/// How a worker ended.
package struct WorkerEnd: Sendable {
    package enum Cause: Sendable, Hashable {
        case exit(Int32)
        case signal(Int32)
    }

    package let cause: Cause
    /// The backtrace that the worker wrote while it crashed.
    package let report: CrashReport?
    /// The worker's last lines of output, for a candidate that ended without a word.
    package let lastLines: [String]
    /// Why there was no process at all; nothing of it has been logged.
    package let problems: [String]
    /// Actions that were executing on a thread, and actions that had begun and not ended.
    package var running: [String] = []
    package var inFlight: [String] = []
    /// The job that has crashed it; `nil` when nobody knows, and ``JobMark/nobody`` when it was something else.
    package var job: JobMark?
    /// Whether it was the kernel that has killed it, for want of memory.
    package var isOutOfMemory = false
    /// Whether code of its own has sent the signal; ``running`` then says what executed at that moment.
    package var isOwnSignal = false

    package init(
        cause: Cause, report: CrashReport? = nil, lastLines: [String] = [], problems: [String] = []
    ) {
        self.cause = cause
        self.report = report
        self.lastLines = lastLines
        self.problems = problems
    }
}
