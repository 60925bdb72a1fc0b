// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// How many workers a process has, as node-resque's multi worker decides it at each check.
package struct PoolMachine: Sendable, Hashable {
    package enum Verb: String, Sendable { case grow = "+", shrink = "-", keep = "x" }

    package let minimum: Int
    package let maximum: Int
    /// Nanoseconds by which a timer may be late before the loop counts as blocked.
    package let mostDelay: Int
    package private(set) var workers = 0
    /// Nothing has been measured yet, which counts as blocked.
    private var delay: Int?

    /// - Parameters:
    ///   - minimum: Workers; 0 with a maximum above it counts as 1.
    ///   - maximum: Workers; at least the minimum.
    ///   - mostDelay: Nanoseconds by which a timer may be late before the loop counts as blocked.
    package init(minimum: Int, maximum: Int, mostDelay: Int) {
        self.minimum = max(0, minimum == 0 && maximum > 0 ? 1 : minimum)
        self.maximum = max(self.minimum, maximum)
        self.mostDelay = mostDelay
    }

    /// By how much a timer was late.
    package mutating func measured(delay: Int) { self.delay = delay }

    /// It is time to decide.
    ///
    /// - Parameter busy: Workers that run a job.
    /// - Returns: What was decided and is already counted.
    package mutating func check(busy: Int) -> Verb {
        let verb = decide(busy)
        switch verb {
        case .grow: workers += 1
        case .shrink: workers -= 1
        case .keep: break
        }
        return verb
    }

    private func decide(_ busy: Int) -> Verb {
        guard let delay, delay <= mostDelay else { return workers > minimum ? .shrink : .keep }
        if workers < minimum { return .grow }
        if workers < maximum, workers == 0 || busy * 2 > workers { return .grow }
        return workers > minimum && busy * 2 < workers ? .shrink : .keep
    }
}
