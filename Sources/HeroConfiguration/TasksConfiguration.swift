// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// `config/tasks.yml`; times in milliseconds.
package struct TasksConfiguration: Decodable, Sendable {
    package let namespace: String
    package let scheduler: Bool
    package let queues: [String]
    package let minTaskProcessors: Int
    package let maxTaskProcessors: Int
    package let timeout: Int
    package let checkTimeout: Int
    package let maxEventLoopDelay: Int
    package let stuckWorkerTimeout: Int
    package let retryStuckJobs: Bool
    package let lease: Int
    package let stopTimeout: Int
    package let crashLimit: Int
    package let deadLimit: Int
    package let keepLimit: Int
    package let workerLogging: WorkerLevels
    package let schedulerLogging: SchedulerLevels

    /// Names of levels of the log.
    package struct WorkerLevels: Decodable, Sendable {
        package let failure: String
        package let success: String
        package let start: String
        package let end: String
        package let job: String
        package let reEnqueue: String
        package let cleaningWorker: String
        package let internalError: String
        package let multiWorkerAction: String

        private enum CodingKeys: String, CodingKey {
            case failure, success, start, end, job, reEnqueue, internalError, multiWorkerAction
            case cleaningWorker = "cleaning_worker"
        }
    }

    /// Names of levels of the log.
    package struct SchedulerLevels: Decodable, Sendable {
        package let start: String
        package let end: String
        package let poll: String
        package let enqueue: String
        package let reEnqueue: String
        package let workingTimestamp: String
        package let transferredJob: String

        private enum CodingKeys: String, CodingKey {
            case start, end, poll, enqueue, reEnqueue
            case workingTimestamp = "working_timestamp"
            case transferredJob = "transferred_job"
        }
    }

    /// Whether the process runs jobs.
    package var hasWorkers: Bool { minTaskProcessors > 0 || maxTaskProcessors > 0 }
}
