// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Testing

@testable import ActionHero

@Suite("how a background task is declared")
struct BackgroundTaskTests {
    struct Bare: BackgroundTask {
        func run(_ context: TaskContext) async throws {}
    }

    struct Full: BackgroundTask {
        static let name = "full"
        static let queue = "high"
        static let frequency = Duration.seconds(60)
        static let missedRuns = MissedRuns.once
        static let plugins = [ResquePlugin.queueLock()]
        static let retry = RetryPolicy(limit: 3)
        static let timeout = Duration.seconds(5)
        static let concurrency = 2
        static let rateLimit = TaskRateLimit(10, per: .seconds(1))
        static let uniqueFor = Duration.seconds(30)
        static let durability = Durability.replicas(1)
        static let execution = Execution.threadPool

        func run(_ context: TaskContext) async throws -> Int { context.attempt }
    }

    @Test("everything has a default but run(_:), which may return nothing")
    func defaults() {
        let type: any BackgroundTask.Type = Bare.self
        #expect(type.name == "bare" && type.description == "bare" && type.queue == "default")
        #expect(type.frequency == .zero && type.cron == "" && type.timeZone == "UTC" && type.missedRuns == .skip)
        #expect(type.retry == RetryPolicy() && type.rateLimit == .unlimited && type.durability == .local)
        #expect(type.concurrency == 0 && type.plugins.isEmpty && type.middleware.isEmpty)
        #expect(type.timeout == .zero && type.uniqueFor == .zero && type.expires == .zero)
        #expect(type.reEnqueuePeriodicTaskIfException && type.execution == .eventLoop)
    }

    @Test("properties without type annotations are those of the protocol")
    func literals() {
        let type: any BackgroundTask.Type = Full.self
        #expect(type.queue == "high" && type.frequency == .seconds(60) && type.missedRuns == .once)
        #expect(type.plugins == [.queueLock()] && type.retry.limit == 3 && type.timeout == .seconds(5))
        #expect(type.concurrency == 2 && type.rateLimit.count == 10 && type.uniqueFor == .seconds(30))
        #expect(type.durability == .replicas(1) && type.execution == .threadPool)
    }

    @Test(
        "policies that cannot be followed say why",
        arguments: [
            (RetryPolicy(limit: -1), "its retry limit is -1, and must be 0 or more"),
            (RetryPolicy(baseDelay: .seconds(-1)), "its retry delay is negative"),
            (RetryPolicy(factor: .nan), "its retry factor is nan, and must be 1 to 1000"),
            (RetryPolicy(jitter: 2), "its retry jitter is 2.0, and must be 0 to 1"),
            (RetryPolicy(maximumDelay: .seconds(1)), "its longest retry delay is shorter than its first"),
        ])
    func faults(_ policy: RetryPolicy, _ fault: String) { #expect(policy.fault == fault) }

    @Test("policies that can be followed have no fault, and limits need a number and a time")
    func faultless() {
        #expect(RetryPolicy().fault == nil && RetryPolicy.never.fault == nil && TaskRateLimit.unlimited.fault == nil)
        #expect(TaskRateLimit(1, per: .milliseconds(1)).fault == nil)
        #expect(TaskRateLimit(0, per: .seconds(1)).fault != nil && TaskRateLimit(1, per: .zero).fault != nil)
    }

    @Test("a run that should end says so in its context, and goes back to its queue")
    func interruption() throws {
        let run = ScriptedRun()
        let context = TaskContext(host: run)
        try context.checkInterruption()
        run.state.withLock { $0.isStopping = true }
        #expect(throws: TaskInterruption.self) { try context.checkInterruption() }
        run.state.withLock { ($0.isStopping, $0.isLeaseValid) = (false, false) }
        #expect(throws: TaskInterruption.self) { try context.checkInterruption() }
    }

    @Test("progress is between nothing and all, whatever a task says")
    func progress() {
        let run = ScriptedRun()
        let context = TaskContext(host: run)
        for fraction in [-1, 0.5, 7, .nan, .infinity] { context.progress(fraction, "x") }
        #expect(run.state.withLock { $0.progress } == [0, 0.5, 1, 0, 1])
    }

    @Test("a cursor is what was saved, and an error when it is something else")
    func cursor() async throws {
        let run = ScriptedRun()
        let context = TaskContext(host: run)
        #expect(try context.cursor == nil && context.cursor(as: Int.self) == nil)
        try await context.saveCursor(["page": 7])
        #expect(try context.cursor(as: [String: Int].self) == ["page": 7])
        #expect(throws: DecodingError.self) { try context.cursor(as: Int.self) }
    }
}
