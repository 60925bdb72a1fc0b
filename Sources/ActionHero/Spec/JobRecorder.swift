// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Takes the place of Redis in the tests of an application: jobs are kept, and never run.
package final class JobRecorder: TaskHost {
    /// Says what would be stored; `nil` for what middleware does not want.
    package typealias Prepare = @Sendable ([Job]) async throws -> [RecordedJob?]

    /// Of the task that enqueues, where a test watches it.
    @TaskLocal static var list: RecordedJobs?

    private let prepare: Prepare
    private let all = RecordedJobs()
    private let numbers = Atomic<Int>(0)

    package init(_ prepare: @escaping Prepare) { self.prepare = prepare }

    func jobs(named name: String?) -> [RecordedJob] {
        all.all.filter { job in name.map { job.name.isSame(as: $0) } ?? true }
    }

    func forget() { all.forget() }

    package func enqueue(_ jobs: [Job]) async throws -> [EnqueueResult] {
        try await prepare(jobs).map { job in
            guard let job else { return EnqueueResult(.vetoed) }
            all.append(job)
            Self.list?.append(job)
            return EnqueueResult(.enqueued, jobID: "spec-\(number())")
        }
    }

    package func commands(for jobs: [Job]) async throws -> [RedisRequest] {
        _ = try await enqueue(jobs)
        return []
    }

    package func enqueue(_ batch: JobBatch) async throws -> String {
        _ = try await enqueue(batch.jobs)
        return "spec-batch-\(number())"
    }

    package func enqueue(_ jobs: [Job], inBatch batchID: String) async throws -> [EnqueueResult] {
        try await enqueue(jobs)
    }

    private func number() -> Int { numbers.wrappingAdd(1, ordering: .relaxed).newValue }

    package func result(_ jobID: String) async throws -> JobResult? { nil }

    package func queueLengths(timeout: Int?) async throws -> [String: Int] {
        Dictionary(waiting.map { ($0.queue, 1) }, uniquingKeysWith: +)
    }

    package func health(timeout: Int?) async throws -> TaskHealth {
        TaskHealth(queues: try await queueLengths(timeout: timeout), oldest: [:], lag: .zero, leader: nil, stuck: 0)
    }

    package func queued(_ queue: String, _ start: Int, _ stop: Int) async throws -> [QueuedJob] {
        let jobs = waiting.filter { $0.queue.isSame(as: queue) }
        let (first, last) = (Self.place(start, jobs.count), Self.place(stop, jobs.count))
        guard first <= last, first < jobs.count else { return [] }
        return jobs[max(0, first)...min(last, jobs.count - 1)].map { job in
            let inputs = JSON.array([.object(job.inputs)])
            return QueuedJob(payload: ["class": .string(job.name), "queue": .string(job.queue), "args": inputs])
        }
    }

    private var waiting: [RecordedJob] { all.all.filter { $0.delay == .zero && $0.atMilliseconds == nil } }

    /// As `LRANGE` counts.
    private static func place(_ number: Int, _ count: Int) -> Int { number < 0 ? count + number : number }
}

/// Jobs that were enqueued, the last ones.
final class RecordedJobs: Sendable {
    private static let limit = 10_000

    private let jobs = Mutex<[RecordedJob]>([])

    var all: [RecordedJob] { jobs.withLock { $0 } }

    func append(_ job: RecordedJob) {
        jobs.withLock { jobs in
            if jobs.count == Self.limit { jobs.removeFirst() }
            jobs.append(job)
        }
    }

    func forget() { jobs.withLock { $0 = [] } }
}
