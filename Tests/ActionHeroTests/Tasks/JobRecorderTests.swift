// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ActionHero

@Suite("what tests of an application see of its jobs")
struct JobRecorderTests {
    private let recorder = JobRecorder { jobs in
        try jobs.map { job in
            if job.name == "unwanted" { return nil }
            if job.name == "wrong" { throw TaskError(.invalidInputs, "wrong") }
            return RecordedJob(
                name: job.name, queue: job.options.queue ?? "default", inputs: job.inputs, start: job.options.start)
        }
    }

    private var tasks: Tasks { Tasks(host: recorder) }

    @Test("jobs are kept in their order, by task, until they are forgotten")
    func keeps() async throws {
        #expect(try await tasks.enqueue("a", ["x": 1]).isEnqueued)
        try await tasks.enqueue([Job("b", [:], .queue("q")), Job("a", [:], .after(.seconds(9)))])
        #expect(recorder.jobs(named: nil).map(\.name) == ["a", "b", "a"])
        #expect(recorder.jobs(named: "a").map(\.delay) == [.zero, .seconds(9)])
        #expect(recorder.jobs(named: "a").first?.inputs == ["x": 1])
        recorder.forget()
        #expect(recorder.jobs(named: nil).isEmpty)
    }

    @Test("what middleware does not want is not kept, and what is wrong keeps nothing of its call")
    func refuses() async throws {
        #expect(try await tasks.enqueue("unwanted").outcome == .vetoed)
        await #expect(throws: TaskError.self) { try await tasks.enqueue([Job("a"), Job("wrong")]) }
        #expect(recorder.jobs(named: nil).isEmpty)
    }

    @Test("a test sees what its own task enqueues, and not what others do")
    func scoped() async throws {
        let jobs = try await SpecHelper.recordingJobs {
            try await tasks.enqueue("mine")
            await Task.detached { _ = try? await tasks.enqueue("others") }.value
        }
        #expect(jobs.map(\.name) == ["mine"])
        #expect(recorder.jobs(named: nil).map(\.name) == ["mine", "others"])
    }

    @Test("queues can be looked at as Redis shows them, without what is delayed")
    func queues() async throws {
        try await tasks.enqueue([Job("a"), Job("b"), Job("c", [:], .at(milliseconds: 1)), Job("d", [:], .queue("q"))])
        #expect(try await tasks.queueLengths() == ["default": 2, "q": 1])
        #expect(try await tasks.queued("default").map(\.name) == ["a", "b"])
        #expect(try await tasks.queued("default", from: -1).map(\.name) == ["b"])
        #expect(try await tasks.queued("default", from: 5).isEmpty)
        #expect(try await tasks.queued("none").isEmpty)
    }

    @Test("a chain is its first job, batches are their jobs, and a transaction needs no commands")
    func composed() async throws {
        try await tasks.enqueue(chain: [Job("first"), Job("second")])
        let batch = try await tasks.enqueue(JobBatch([Job("in")], onSuccess: Job("after")))
        #expect(batch.hasPrefix("spec-batch-"))
        #expect(try await tasks.commands(for: [Job("beside")]).isEmpty)
        #expect(recorder.jobs(named: nil).map(\.name) == ["first", "in", "beside"])
        await #expect(throws: TaskError.self) { try await tasks.enqueue(chain: []) }
    }

    @Test("what a recorder cannot say is an error that says so")
    func unavailable() async {
        let error = await #expect(throws: TaskError.self) { try await tasks.workers() }
        #expect(error?.code == .unavailable)
    }
}
