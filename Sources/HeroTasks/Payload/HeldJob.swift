// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A job as `held:` and `kept` have it: the queue it came from and its bytes, `<length of queue>:<queue><payload>`.
package struct PackedJob: Sendable, Hashable {
    package let queue: String
    package let payload: [UInt8]

    package init(queue: String, payload: [UInt8]) {
        self.queue = queue
        self.payload = payload
    }

    /// `nil` for what no script of ours has written.
    package init?(_ bytes: [UInt8]) {
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), colon > 0, colon <= 9,
            let length = Int(String(decoding: bytes[..<colon], as: UTF8.self)), length >= 0,
            bytes.count - colon - 1 >= length
        else { return nil }
        let end = colon + 1 + length
        queue = String(decoding: bytes[(colon + 1)..<end], as: UTF8.self)
        payload = Array(bytes[end...])
    }

    package var bytes: [UInt8] { Array("\(queue.utf8.count):\(queue)".utf8) + payload }
}

/// How often a job, or others with the same bytes, has gone wrong.
package struct JobCounters: Sendable, Hashable {
    /// Thrown errors that were followed by a retry.
    package var failures = 0
    /// Deaths of processes that are put down to it.
    package var crashes = 0
    /// How often in a row a process took it that did not know its task.
    package var unknown = 0

    package init(failures: Int = 0, crashes: Int = 0, unknown: Int = 0) {
        (self.failures, self.crashes, self.unknown) = (failures, crashes, unknown)
    }

    /// - Parameter text: `<failures> <crashes> <ms of the last> <times unknown>`, the last one only where there were some.
    init(_ text: String) {
        let numbers = text.split(separator: " ").map { Int($0) ?? 0 }
        if numbers.count > 1 { (failures, crashes) = (numbers[0], numbers[1]) }
        if numbers.count > 3 { unknown = numbers[3] }
    }

    /// Suspects run one at a time, after a mark.
    package var isSuspect: Bool { crashes > 0 }
}

/// A job that an owner has claimed.
package struct HeldJob: Sendable, Hashable {
    /// Names it within its owner; never used for another.
    package let number: Int
    package let queue: String
    package let payload: [UInt8]
    package let counters: JobCounters
    /// Whether it, or another with the same bytes, has kept a place to go on.
    package let hasCursor: Bool

    package init(
        number: Int, queue: String, payload: [UInt8], counters: JobCounters = JobCounters(), hasCursor: Bool = false
    ) {
        self.hasCursor = hasCursor
        self.number = number
        self.queue = queue
        self.payload = payload
        self.counters = counters
    }
}

/// A job's place in a batch.
package struct BatchMember: Sendable, Hashable {
    package let batch: String
    /// The job's own id in it.
    package let id: String

    package init(batch: String, id: String) {
        self.batch = batch
        self.id = id
    }
}

/// What has become of a job.
package enum JobOutcome: Sendable, Hashable {
    /// It has run.
    case done
    /// It threw and is tried again; counted as a failure.
    case retry(milliseconds: Int)
    /// It did not run, since a limit was reached or its lock was taken; not a failure.
    case later(milliseconds: Int)
    /// Its task is not known here, and may be elsewhere; not a failure.
    case unknown(milliseconds: Int)
    /// Given up: to the dead set, with this entry for `failed`.
    case failed(entry: [UInt8])
    /// It was too old when its turn came.
    case expired
    /// Neither done nor failed: somebody has decided that it does not run.
    case dropped
    /// Back to the head of its queue, not counted.
    case requeue
}

/// A job that an owner gives up.
package struct FinishedJob: Sendable, Hashable {
    package let job: HeldJob
    package let outcome: JobOutcome
    package let member: BatchMember?

    package init(_ job: HeldJob, _ outcome: JobOutcome, member: BatchMember? = nil) {
        self.job = job
        self.outcome = outcome
        self.member = member
    }
}
