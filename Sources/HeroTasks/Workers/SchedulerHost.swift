// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// What becomes of a delayed job whose time has come.
package enum DelayedFate: Sendable, Hashable {
    /// To its queue as it is.
    case wanted
    /// To a queue, with other bytes.
    case changed(queue: String, payload: [UInt8])
    /// Somebody has decided that it is not enqueued.
    case unwanted
}

/// A task that runs by itself, and what is enqueued for it.
package struct RecurrentJob: Sendable {
    package var task: RecurrentTask
    package var queue: String
    package var payload: [UInt8]
    /// Seconds of QueueLock's lock, which keeps one from waiting twice.
    package var lock: (key: String, seconds: Int)?

    package init(
        _ task: RecurrentTask, queue: String, payload: [UInt8], lock: (key: String, seconds: Int)? = nil
    ) {
        (self.task, self.queue, self.payload, self.lock) = (task, queue, payload, lock)
    }
}

/// Whoever knows what tasks there are.
package protocol SchedulerHost: Sendable {
    /// Those that run by themselves; asked for at each look.
    var recurrent: [RecurrentJob] { get }

    /// Asks what has a say in whether a job is enqueued, when the time of a delayed one has come.
    ///
    /// Called on the event loop, in the order of the jobs, once for each try to move it.
    ///
    /// - Parameters:
    ///   - job: As it waits.
    ///   - payload: Its bytes.
    /// - Returns: What becomes of it.
    func isWanted(_ job: JobPayload, payload: [UInt8]) async -> DelayedFate
}

/// What the log is told by a scheduler.
package enum SchedulerNote: Sendable, Hashable {
    case started, ended, polling, leader, lostLead
    /// Unix time in seconds.
    case workingTimestamp(Int)
    case transferredJob(Int, payload: [UInt8])
    /// Retries that went back to their queues.
    case retried(Int)
    case enqueuedRecurrent(String, runs: Int)
    case skippedRecurrent(String, runs: Int, late: Int)
    case cleanedStuckWorker(name: String, entry: [UInt8]?, delta: Int)
    case keptHouse(Housekeeping)
    case failed(String)

    /// ActionHero's words, where it has some.
    package var message: String {
        switch self {
        case .started: "resque scheduler started"
        case .ended: "resque scheduler ended"
        case .polling: "resque scheduler polling"
        case .leader: "This node is now the Resque scheduler leader"
        case .lostLead: "This node is not the Resque scheduler leader any more"
        case .workingTimestamp(let seconds): "resque scheduler working timestamp \(seconds)"
        case .transferredJob(let seconds, _): "resque scheduler enqueuing job \(seconds)"
        case .retried(let count): "resque scheduler enqueuing \(count) retried jobs"
        case .enqueuedRecurrent(let task, _): "re-enqueued recurrent job \(task)"
        case .skippedRecurrent(let task, let runs, _): "left out \(runs) runs of the recurrent job \(task)"
        case .cleanedStuckWorker: "cleaned stuck worker"
        case .keptHouse: "removed old records of jobs"
        case .failed: "the resque scheduler could not reach Redis"
        }
    }
}
