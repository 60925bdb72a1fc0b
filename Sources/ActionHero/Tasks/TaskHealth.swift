// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// How background jobs are doing, for whoever raises alarms.
public struct TaskHealth: Sendable, Hashable {
    /// How many jobs wait, by queue.
    public let queues: [String: Int]
    /// For how long the oldest job of a queue has waited at least.
    ///
    /// Resque's format has no room for the time of an enqueue: this is since when the leader of the schedulers has seen a job
    /// that is still there. Queues that are empty, or that no leader has looked at, are missing.
    public let oldest: [String: Duration]
    /// By how much the first delayed job, or the first that waits for its next attempt, is late; zero when none is due.
    public let lag: Duration
    /// The process that moves delayed jobs; `nil` when there is none.
    public let leader: String?
    /// Processes that are dead or gone and still hold jobs, which the next reaper gives back.
    public let stuck: Int

    package init(queues: [String: Int], oldest: [String: Duration], lag: Duration, leader: String?, stuck: Int) {
        (self.queues, self.oldest, self.lag) = (queues, oldest, lag)
        (self.leader, self.stuck) = (leader, stuck)
    }
}
