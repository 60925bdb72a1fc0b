// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// How long jobs take and how large they are of late, and what can be fetched before there is a slot for it.
struct RunPace: Sendable {
    /// Nanoseconds; `nil` before the first run has ended.
    private(set) var run: Int?
    /// Bytes.
    private(set) var payload: Int?

    mutating func ran(for nanoseconds: Int) { run = Self.mean(run, max(0, nanoseconds)) }
    mutating func fetched(_ bytes: Int) { payload = Self.mean(payload, bytes) }

    /// The last sixteen weigh about two thirds.
    private static func mean(_ old: Int?, _ new: Int) -> Int {
        guard let old else { return new }
        return old + (new - old) / 16
    }

    /// - Returns: How many jobs may wait beside those that run.
    func prefetch(slots: Int, _ settings: WorkerSettings) -> Int {
        guard let run, run <= settings.prefetchTime, payload ?? 0 <= settings.prefetchBytes else { return 0 }
        let share = slots.multipliedReportingOverflow(by: settings.prefetchTime)
        return share.overflow ? settings.mostPrefetched : min(settings.mostPrefetched, share.partialValue / max(run, 1))
    }
}
