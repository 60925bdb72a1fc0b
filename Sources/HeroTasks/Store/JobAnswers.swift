// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// What a claim has brought.
package enum ClaimAnswer: Sendable, Hashable {
    case jobs([HeldJob])
    /// The same, and a job that was too long to be read: it is in the dead set by now, and there may be more behind it.
    case jobsAndLong([HeldJob], LongJob)
    /// The number was used before: a late repetition of an earlier call.
    case spent
    /// The lease has ended, and with it everything that was held.
    case lost
}

/// A job that never left Redis.
package struct LongJob: Sendable, Hashable {
    package let number: Int
    package let queue: String
    package let bytes: Int

    package init(number: Int, queue: String, bytes: Int) {
        (self.number, self.queue, self.bytes) = (number, queue, bytes)
    }
}

/// What Redis holds for an owner.
package enum RenewAnswer: Sendable, Hashable {
    case held(Set<Int>)
    case lost
}

/// What a finish has done.
package enum FinishAnswer: Sendable, Hashable {
    /// - Parameters:
    ///   - refused: Numbers that were not held any more, as far as they are known one by one.
    ///   - doneHeld: How many of the simply done ones were held, and how many there were.
    ///   - ended: Batches of which these were the last jobs: see ``JobStore/settle(_:)``.
    case finished(refused: Set<Int>, doneHeld: Int, doneSent: Int, ended: [String])
    case lost
}

/// What a call says that only an owner with a lease may make.
package enum OwnerAnswer: Sendable, Hashable {
    case yes
    /// The job is not held any more, or somebody else has what was wanted.
    case no
    case lost
}

/// Whether a job may run.
package enum AdmitAnswer: Sendable, Hashable {
    case yes
    /// A limit of its task is reached; `nil` where nobody knows how long.
    case wait(milliseconds: Int?)
    case expired
    case notHeld
    case lost
}

/// What a reap has done.
package enum ReapAnswer: Sendable, Hashable {
    /// The owner's lease has not ended, and nothing was proven.
    case alive
    /// - Parameters:
    ///   - left: Jobs that are still held; call again until there are none.
    ///   - givenUp: Numbers of those that went to the dead set.
    case reaped(left: Int, givenUp: [Int])
}

/// What became of the next run of a recurrent task.
package enum RecurAnswer: Sendable, Hashable {
    case enqueued
    /// Stored, and nothing was enqueued since one waits already.
    case waiting
    /// Another process was faster; this is stored, empty for nothing.
    case taken(String)
}
