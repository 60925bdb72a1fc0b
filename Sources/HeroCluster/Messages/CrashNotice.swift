// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A crash for the error reporters of another worker.
package struct CrashNotice: Codable, Sendable, Hashable {
    /// `worker #1`.
    package let worker: String
    package let message: String
    /// The backtrace.
    package let lines: [String]
    /// Actions that a thread was executing, and all that had begun and not ended.
    package let running: [String]
    package let inFlight: [String]

    package init(worker: String, _ report: CrashReport) {
        func bounded(_ texts: [String]) -> [String] {
            texts.prefix(ClusterLimits.crashLines).map { String($0.prefix(ClusterLimits.crashLineLength)) }
        }
        self.worker = worker
        message = String(report.message.prefix(ClusterLimits.crashLineLength))
        lines = bounded(report.lines)
        (running, inFlight) = (bounded(report.running), bounded(report.inFlight))
    }
}
