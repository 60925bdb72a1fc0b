// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// What operators want to know of all jobs at one moment.
///
/// Times are milliseconds of Redis' clock.
package struct QueueSnapshot: Sendable, Hashable {
    package struct Queue: Sendable, Hashable {
        /// Bytes, since other programs may use any.
        package var name: [UInt8]
        package var length: Int
        package var isPaused: Bool
        /// For how long its oldest job has waited at least, as far as somebody has looked: see ``QueueAges``.
        package var age: Int?

        /// The name for a person, who may not see which bytes are no text.
        package var text: String { String(decoding: name, as: UTF8.self) }
    }

    package struct Worker: Sendable, Hashable {
        package var name: String
        package var queues: String
        package var job: Work?
        /// When it last said that it is there; `nil` for programs that do not say it.
        package var pinged: Int?
    }

    /// What a worker does.
    package struct Work: Sendable, Hashable {
        /// `nil` when the payload is no job.
        package var task: String?
        package var queue: String
        package var began: Int?
    }

    /// A process that has claimed jobs, or can.
    package struct Owner: Sendable, Hashable {
        package enum State: String, Sendable {
            case alive
            /// Its lease is over, or a reap is under way.
            case expired
            /// It has a record and no lease, which only the sweep of a reaper finds.
            case leaseless
        }

        package var name: String
        package var state: State
        /// When its lease ends or has ended; `nil` where that is not known.
        package var deadline: Int?
        /// Jobs that it has claimed and not finished.
        package var held: Int
    }

    /// Counters since the beginning, of all programs.
    package struct Totals: Sendable, Hashable {
        package var time: Int
        package var processed: Int
        package var failed: Int

        package init(time: Int, processed: Int, failed: Int) {
            (self.time, self.processed, self.failed) = (time, processed, failed)
        }

        /// Runs that have ended, whichever way.
        package var done: Int { processed &+ failed }
    }

    package var totals: Totals
    /// As they were when the scheduler's leader last looked, from which rates can be told.
    package var earlier: Totals?
    package var queues: [Queue] = []
    package var isAllPaused = false
    package var workers: [Worker] = []
    package var owners: [Owner] = []
    /// Entries of `failed`.
    package var failed = 0
    package var dead = 0
    package var retries = 0
    /// When the first retry is due.
    package var nextRetry: Int?
    package var delayed = 0
    /// Whether there are more delayed jobs than were counted.
    package var hasMoreDelayed = false
    /// When the first delayed job is due.
    package var nextDelayed: Int?
    /// Who moves delayed jobs; `nil` when nobody does.
    package var leader: String?

    package init(totals: Totals) { self.totals = totals }

    package var time: Int { totals.time }

    /// By how many milliseconds the first delayed job or retry is late; 0 when none is due.
    package var lag: Int {
        max(0, [nextDelayed, nextRetry].compactMap { $0 }.map { time - $0 }.max() ?? 0)
    }

    /// Owners whose jobs nobody works on, and nobody has given back yet.
    package var stuck: [Owner] { owners.filter { $0.state != .alive } }

    /// Jobs per second since an earlier moment; `nil` when it is not long enough ago or counters were reset.
    package func rates(since earlier: Totals?) -> (processed: Double, failed: Double)? {
        guard let earlier, time - earlier.time >= 100, totals.processed >= earlier.processed,
            totals.failed >= earlier.failed
        else { return nil }
        let seconds = Double(time - earlier.time) / 1000
        return (
            Double(totals.processed - earlier.processed) / seconds, Double(totals.failed - earlier.failed) / seconds
        )
    }
}
