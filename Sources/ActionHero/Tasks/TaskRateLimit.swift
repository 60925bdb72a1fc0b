// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// How many jobs of a task start within a time, counted over the whole cluster.
///
///     static let rateLimit = TaskRateLimit(100, per: .seconds(60))
public struct TaskRateLimit: Sendable, Hashable {
    /// How many start; 0 for any number.
    public let count: Int
    /// The time.
    public let period: Duration

    /// Makes a limit.
    ///
    /// - Parameters:
    ///   - count: How many start, 1 or more.
    ///   - period: The time, 1 ms or more.
    public init(_ count: Int, per period: Duration) {
        self.count = count
        self.period = period
        isUnlimited = false
    }

    private init() {
        (count, period, isUnlimited) = (0, .zero, true)
    }

    /// Any number.
    public static let unlimited = TaskRateLimit()

    package let isUnlimited: Bool

    /// Why the limit cannot be kept; `nil` when it can.
    package var fault: String? {
        if isUnlimited { return nil }
        if count < 1 { return "its rate limit allows \(count) jobs, and must allow 1 or more" }
        return period < .milliseconds(1) ? "its rate limit is for less than a millisecond" : nil
    }
}
