// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// What a process' workers go by; times are nanoseconds.
package struct WorkerSettings: Sendable, Hashable {
    /// Without word from the process for so long, all that it holds belongs to others.
    package var lease = 30_000_000_000
    /// An empty queue is asked again after this, where nothing wakes the process.
    package var poll = 100_000_000
    /// The same where something should; a second net.
    package var pollWhileWatching = 1_000_000_000
    /// How old a list of queues may be while there is work.
    package var listAge = 5_000_000_000
    /// The same without any; whoever of us adds a queue says so.
    package var listAgeIdle = 1_000_000_000
    /// The longest that an outcome waits for others.
    package var outcomeWait = 10_000_000
    /// So many outcomes do not wait for more.
    package var outcomesAtOnce = 50
    /// Jobs that take longer on average are not fetched before there is a slot for them.
    package var prefetchTime = 20_000_000
    package var mostPrefetched = 50
    /// Payloads that are larger on average are not, either; bytes.
    package var prefetchBytes = 65_536
    /// A job that was fetched and has not started for so long goes back.
    package var prefetchAge = 1_000_000_000
    /// A suspect that runs for so long no longer keeps the next one from starting, and one that has waited for so long
    /// goes back.
    package var suspectTime = 5_000_000_000
    /// Jobs that a process holds at most.
    package var mostHeld = 1000
    /// Suspects among them that wait for each other before they take the places of other jobs.
    package var mostSuspects = 50
    /// Bytes of payloads that a process holds before it takes no more than one job.
    package var heldBytes = 64 << 20
    /// Bytes of entries for `failed` in one turn; one of any size is sent.
    package var turnBytes = 8 << 20
    /// From the first to the longest wait after a turn that failed.
    package var backoff = 50_000_000...1_000_000_000
    /// How long a job may go on after it was told to stop.
    package var grace = 1_000_000_000
    /// How long the last words to Redis may take after that.
    package var farewell = 3_000_000_000

    package init() {}

    var renewal: Int { lease / 3 }
}
