// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// One run of a job, as whoever runs it sees it.
package struct JobRun: Sendable {
    package let job: HeldJob
    package let owner: String
    /// `<host>:<pid>+<n>`.
    package let worker: String
    /// Whether nobody else can be running the job; may be asked from any thread.
    package let isLeaseValid: @Sendable () -> Bool

    /// Notes the run on the board; `nil` where there is none.
    var executor: JobExecutor?

    init(job: HeldJob, owner: String, worker: String, isLeaseValid: @escaping @Sendable () -> Bool) {
        (self.job, self.owner, self.worker, self.isLeaseValid) = (job, owner, worker, isLeaseValid)
    }

    /// 1 for the first one.
    package var attempt: Int { job.counters.failures + job.counters.crashes + 1 }
}

/// What has become of a run.
package struct JobEnd: Sendable {
    package let outcome: JobOutcome
    package let member: BatchMember?

    package init(_ outcome: JobOutcome, member: BatchMember? = nil) {
        (self.outcome, self.member) = (outcome, member)
    }
}

/// Whoever knows what a job's bytes mean.
package protocol JobRunner: Sendable {
    /// What has to be asked before a run of this job; called on the event loop.
    func limits(of job: HeldJob) -> (task: String, limits: TaskLimits)?

    /// Runs a job.
    ///
    /// Called on the event loop, in a task that is cancelled when the lease is lost or the process stops. It may return at
    /// any time; a stop waits for it only so long.
    func run(_ run: JobRun) async -> JobEnd
}
