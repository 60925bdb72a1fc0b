// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroBundles
import Synchronization
import Testing

@testable import HeroRuntime

extension TaskContext {
    fileprivate var journal: Journal {
        get throws { try services.require() }
    }
}

extension EnqueuedTask {
    fileprivate var journal: Journal {
        get throws { try application.services.require() }
    }
}

@Suite("preparing and running jobs")
struct TaskProcessorTests {
    /// Does what the inputs say.
    private struct Work: BackgroundTask {
        static let middleware = ["named"]
        @Input("What to do") var how = "return"

        func run(_ context: TaskContext) async throws -> String {
            try context.journal.add("run \(how)")
            switch how {
            case "throw": throw ActionError("broken")
            case "interrupt": throw TaskInterruption()
            case "cancelled": throw CancellationError()
            default: return how
            }
        }
    }

    private struct Blocking: BackgroundTask {
        static let execution = Execution.threadPool
        func run(_ context: TaskContext) async throws -> Int { 42 }
    }

    private struct Greet: Action {
        @Input("Whom") var name: String
        func run(_ context: Context) async throws -> [String: String] {
            ["greeting": "Hello, \(name)", "by": context.connection.type]
        }
    }

    private struct Everywhere: TaskMiddleware {
        static let isGlobal = true

        func preEnqueue(_ job: inout EnqueuedTask) async throws -> Bool {
            try job.journal.add("everywhere asked about \(job.name) in \(job.queue)")
            if job.inputs["how"] == "blow" { throw ActionError("You cannot enqueue me!") }
            return job.inputs["how"] != "veto"
        }

        func postEnqueue(_ job: EnqueuedTask) async throws {
            try job.journal.add("everywhere told of \(job.name)")
            throw ActionError("too late")
        }

        func preProcessor(_ run: inout TaskRun) async throws -> Bool {
            if run.inputs["how"] == "change" { run.inputs["how"] = "changed" }
            if run.inputs["how"] == "fail" { throw ActionError("blocked by middleware") }
            return run.inputs["how"] != "skip"
        }

        func postProcessor(_ run: inout TaskRun) async throws {
            try run.context.journal.add("everywhere after \(run.error.map { "\($0)" } ?? run.output.description)")
        }
    }

    private struct Named: TaskMiddleware {
        func preEnqueue(_ job: inout EnqueuedTask) async throws -> Bool {
            try job.journal.add("named asked about \(job.name)")
            job.inputs["stamp"] = true
            return true
        }

        func postProcessor(_ run: inout TaskRun) async throws {
            if run.output == "spoil" { throw ActionError("spoilt") }
            if run.output == "replace" { run.output = "replaced" }
        }
    }

    private let process: InMemoryProcess
    private var tasks: TaskProcessor { process.process.tasks }

    init() throws {
        process = try InMemoryProcess([
            .backgroundTask(Work.self), .backgroundTask(Blocking.self), .taskMiddleware(Named.self),
            .taskMiddleware(Everywhere.self), .action(Greet.self),
        ])
    }

    private func perform(
        _ inputs: JSON.Object, task: String = "work", isStopping: Bool = false
    ) async -> String {
        let run = Run(process.process.application, task, inputs, isStopping: isStopping)
        switch await tasks.perform(run) {
        case .succeeded(let output): return "succeeded \(output)"
        case .failed(let error): return "failed \(error)"
        case .skipped: return "skipped"
        case .interrupted: return "interrupted"
        }
    }

    @Test("a job that is enqueued goes through the global middleware and then through its task's")
    func prepares() async throws {
        let prepared = try await tasks.prepare([Job("work", ["how": "x"], .queue("q"))])
        let job = try #require(prepared.first ?? nil)
        #expect(JSON.object(job.inputs).description == #"{"how":"x","stamp":true}"#)
        #expect(job.queue == "q" && job.record.name == "work" && job.start == .now)
        await tasks.didEnqueue(job)
        #expect(
            process.journal.all == [
                "everywhere asked about work in q", "named asked about work", "everywhere told of work",
            ])
        #expect(try process.logText().contains("task middleware failed after a job was enqueued"))
    }

    @Test("middleware can refuse a job, or throw, and then nothing is prepared")
    func vetoes() async throws {
        let prepared = try await tasks.prepare([Job("work", ["how": "veto"]), Job("work")])
        #expect(prepared.map { $0 == nil } == [true, false])
        await #expect(throws: ActionError("You cannot enqueue me!")) {
            try await tasks.prepare([Job("work", ["how": "blow"])])
        }
    }

    @Test("middleware hears of a delayed job when its time has come, and its inputs are checked at once")
    func delays() async throws {
        let prepared = try await tasks.prepare([Job("work", ["how": "veto"], .after(.seconds(9)))])
        #expect((prepared.first ?? nil)?.start == .after(milliseconds: 9000))
        #expect(process.journal.all.isEmpty)
        await #expect(throws: TaskError.self) {
            try await tasks.prepare([Job("work", ["how": ["x": 1]], .after(.zero))])
        }
    }

    @Test("one job that cannot be enqueued keeps all of its call from it, those of a chain included")
    func validatesAll() async throws {
        for wrong in [Job("nowhere"), Job("work", ["how": ["x": 1]])] {
            await #expect(throws: TaskError.self) { try await tasks.prepare([Job("work"), wrong]) }
            var chain = Job("work")
            chain.options.next = [wrong]
            await #expect(throws: TaskError.self) { try await tasks.prepare([chain]) }
        }
        #expect(process.journal.all.isEmpty)
    }

    @Test("a job ends as its task and the middleware around it say")
    func outcomes() async throws {
        #expect(await perform(["how": "x"]) == #"succeeded "x""#)
        #expect(await perform([:]) == #"succeeded "return""#)
        #expect(await perform(["how": "throw"]) == "failed broken")
        #expect(await perform(["how": "change"]) == #"succeeded "changed""#)
        #expect(await perform(["how": "replace"]) == #"succeeded "replaced""#)
        #expect(await perform(["how": "spoil"]) == "failed spoilt")
        #expect(await perform(["how": "fail"]) == "failed blocked by middleware")
        #expect(await perform(["how": "skip"]) == "skipped")
        #expect(await perform([:], task: "nowhere") == "failed task nowhere not found")
        #expect(await perform(["how": ["x": 1]]).hasPrefix("failed how "))
        #expect(await perform([:], task: "blocking") == "succeeded 42")
    }

    @Test("a run that ends because its worker stops has not failed; one that is cancelled for another reason has")
    func interruptions() async throws {
        #expect(await perform(["how": "interrupt"]) == "interrupted")
        #expect(await perform(["how": "cancelled"], isStopping: true) == "interrupted")
        #expect(await perform(["how": "cancelled"]).hasPrefix("failed "))
    }

    @Test("middleware runs after a job in any case but when it did not want it to run")
    func after() async throws {
        _ = await perform(["how": "throw"])
        _ = await perform(["how": "fail"])
        _ = await perform(["how": "skip"])
        #expect(
            process.journal.all == [
                "run throw", "everywhere after broken", "everywhere after blocked by middleware",
            ])
    }

    @Test("a task can be run in the process, alone or with its middleware")
    func locally() async throws {
        let host = process.process.application
        #expect(try await tasks.runLocally("work", ["how": "replace"], isFull: false, host) == "replace")
        #expect(try await tasks.runLocally("work", ["how": "replace"], isFull: true, host) == "replaced")
        #expect(try await tasks.runLocally("work", ["how": "skip"], isFull: true, host) == .null)
        await #expect(throws: ActionError("broken")) {
            try await tasks.runLocally("work", ["how": "throw"], isFull: true, host)
        }
        await #expect(throws: TaskError.self) { try await tasks.runLocally("nowhere", [:], isFull: false, host) }
    }

    @Test("any action is a task, whose errors are its answers")
    func actions() async throws {
        let host = process.process.application
        let greeted = try await tasks.runLocally("runAction", ["action": "greet", "name": "Ada"], isFull: true, host)
        #expect(greeted["greeting"] == "Hello, Ada" && greeted["by"] == "task")
        let failed = try await tasks.runLocally("runAction", ["action": "greet"], isFull: true, host)
        #expect(failed["error"] != nil)
        await #expect(throws: TaskError.self) { try await tasks.runLocally("runAction", [:], isFull: true, host) }
    }

    @Test("what is left of a chain is the input of a task, which goes on with it and loses nothing that was said")
    func chains() async throws {
        var chain = Job("work", ["how": "first"])
        chain.options.next = [
            Job("work", ["how": "second"], .queue("q"), .after(.seconds(2)), .unique(for: .seconds(3), key: "k")),
            Job("work", ["how": "third"], .durability(.replicas(2)), .expires(after: .seconds(4))),
        ]
        let first = try #require(try await tasks.prepare([chain]).first ?? nil)
        let continuation = try #require(first.continuation)
        let host = process.process.application
        host.install(SpecTasks(tasks, host).recorder)
        let second = try await SpecHelper.recordingJobs {
            _ = try await tasks.runLocally(continuation.name, continuation.inputs, isFull: true, host)
        }
        #expect(second.map(\.inputs) == [["how": "second"]])
        #expect(second.first?.queue == "q" && second.first?.delay == .seconds(2))
        let jobs = try (continuation.inputs["jobs"]?.arrayValue ?? []).map(Job.init(chained:))
        #expect(jobs.map(\.options.uniqueMilliseconds) == [3000, nil] && jobs.first?.options.uniqueKey == "k")
        #expect(jobs.last?.options.durability == .replicas(2) && jobs.last?.options.expiresMilliseconds == 4000)
        #expect(throws: TaskError.self) { try Job(chained: "no job") }
        #expect(try await tasks.prepare([Job("work")]).first??.continuation == nil)
    }

    @Test("tests of an application see what would be stored, and run tasks without Redis")
    func spec() async throws {
        let host = process.process.application
        let spec = SpecTasks(tasks, host)
        host.install(spec.recorder)
        #expect(try await host.facade.tasks.enqueue("work", ["how": "x"]).isEnqueued)
        #expect(try await host.facade.tasks.enqueue("work", ["how": "veto"]).outcome == .vetoed)
        #expect(try await host.facade.tasks.queued("default").map(\.inputs) == [["how": "x", "stamp": true]])
        #expect(try await spec.run(Job("blocking"), isFull: false) == 42)
    }
}

/// A run with a process, whose worker may stop.
private final class Run: TaskContextHost {
    let applicationHost: any ApplicationHost
    let taskName: String
    let arguments: [JSON]
    let isStopping: Bool

    init(_ application: HeroApplication, _ task: String, _ inputs: JSON.Object, isStopping: Bool) {
        applicationHost = application
        taskName = task
        arguments = [.object(inputs)]
        self.isStopping = isStopping
    }

    var jobID: String { "1" }
    var queue: String { "default" }
    var workerName: String { "here:1+1" }
    var attempt: Int { 1 }
    var batchID: String? { nil }
    var isLeaseValid: Bool { true }
    var cursor: JSON? { nil }
    func saveCursor(_ cursor: JSON) async throws {}
    func progress(_ fraction: Double, _ message: String) {}
}
