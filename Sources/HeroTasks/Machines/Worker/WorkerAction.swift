// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A run of a job; the number alone is not enough once a lease was lost.
package struct RunKey: Sendable, Hashable {
    /// Which of the process' owners holds the job, counted from 1.
    package let era: Int
    package let number: Int

    package init(era: Int, number: Int) {
        (self.era, self.number) = (era, number)
    }
}

/// One round trip: what has ended, and what comes next.
package struct WorkerTurn: Sendable, Hashable {
    package let id: Int
    package let era: Int
    package let finish: [FinishedJob]
    package let claim: ClaimOrder?
}

/// Why a run is to end early.
package enum WorkerCancellation: Sendable, Hashable {
    /// The lease has ended: somebody else may be running the job.
    case leaseLost
    /// Redis does not have the job as ours any more, as after a failover.
    case notHeld
    /// The process stops.
    case stopping
}

/// What the log is told.
package enum WorkerNote: Sendable, Hashable {
    /// - Parameters:
    ///   - isOwn: Whether the process gave it up itself, since Redis does not answer.
    ///   - runs: Jobs that are cancelled.
    ///   - results: Outcomes that nobody will hear of.
    case leaseLost(isOwn: Bool, runs: Int, results: Int)
    /// Outcomes of these changed nothing: they were not held any more.
    case refused([Int])
    /// The same, of so many that were simply done.
    case refusedDone(Int)
    /// Redis did not have these.
    case disowned([Int])
    /// Redis had these, of which the process knew nothing.
    case adopted([Int])
    case turnFailed(String)
    case badQueue(String, String)
    /// A job went to the dead set that was too long to be read.
    case tooLong(LongJob)
    /// The process ends while these run on.
    case abandoned([HeldJob])
    /// Jobs that were told to stop and go back to their queue.
    case interrupted([HeldJob])
}

/// What the shell has to do.
package enum WorkerAction: Sendable, Hashable {
    /// A lease for a new owner; answered with ``WorkerMachine/started(era:isOwner:now:)``.
    case start(era: Int)
    case renew(era: Int)
    case turn(WorkerTurn)
    /// All suspects that run, and the one that is to; answered with ``WorkerMachine/marked(era:now:)``.
    case mark(era: Int, running: [Int])
    case run(RunKey, slot: Int, job: HeldJob)
    case cancel(RunKey, WorkerCancellation)
    /// What Redis holds under these numbers is to be read; all of them if there are none.
    case adopt(era: Int, [Int])
    /// The last word of an owner.
    case leave(era: Int)
    /// Which queues are there.
    case listQueues
    /// Nothing is there: whoever can should say when something is.
    case watch([String])
    /// Batches whose last job has ended.
    case settle([String])
    case note(WorkerNote)
    /// - Parameter isClean: Whether nothing is left to a reaper.
    case ended(isClean: Bool)
}

/// What has become of one half of a turn.
package enum TurnReply<Answer: Sendable & Hashable>: Sendable, Hashable {
    /// It was not asked for.
    case none
    case answer(Answer)
    /// Nobody knows whether it was done.
    case unknown(String)
    /// Redis refused it.
    case refused(code: String, String)
}
