// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// How often a job that threw is tried again, and after which delays.
///
/// The n-th delay is ``baseDelay`` · ``factor`` to the power of n − 1, a random part more or less, and at most
/// ``maximumDelay``. After the last one the job goes to the dead set, where `hero tasks retry` finds it.
public struct RetryPolicy: Sendable, Hashable {
    /// How often it is tried again; 0 for never.
    public var limit: Int
    /// The first delay.
    public var baseDelay: Duration
    /// What each delay is multiplied by for the next one; 1 or more.
    public var factor: Double
    /// How much a delay differs at random, as a part of it: 0 to 1.
    public var jitter: Double
    /// The longest delay.
    public var maximumDelay: Duration

    /// Makes a policy.
    ///
    /// - Parameters:
    ///   - limit: How often it is tried again; 0 for never. Default: 10.
    ///   - baseDelay: The first delay. Default: 5 s.
    ///   - factor: What each delay is multiplied by for the next one; 1 or more. Default: 2.
    ///   - jitter: How much a delay differs at random, as a part of it: 0 to 1. Default: 0.2.
    ///   - maximumDelay: The longest delay. Default: 1 h.
    public init(
        limit: Int = 10, baseDelay: Duration = .seconds(5), factor: Double = 2, jitter: Double = 0.2,
        maximumDelay: Duration = .seconds(3600)
    ) {
        self.limit = limit
        self.baseDelay = baseDelay
        self.factor = factor
        self.jitter = jitter
        self.maximumDelay = maximumDelay
    }

    /// The first error is the last.
    public static let never = RetryPolicy(limit: 0)

    /// Why the policy cannot be followed; `nil` when it can.
    package var fault: String? {
        if limit < 0 { return "its retry limit is \(limit), and must be 0 or more" }
        if baseDelay < .zero { return "its retry delay is negative" }
        if !(factor >= 1 && factor <= 1000) { return "its retry factor is \(factor), and must be 1 to 1000" }
        if !(jitter >= 0 && jitter <= 1) { return "its retry jitter is \(jitter), and must be 0 to 1" }
        return maximumDelay < baseDelay ? "its longest retry delay is shorter than its first" : nil
    }
}
