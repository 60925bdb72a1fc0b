// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Dispatch
import HeroBundles
import HeroRuntime
import HeroSystem
import Synchronization
import Testing

@Suite("what outlives what when a process stops")
struct StopOrderTests {
    private struct Database: Initializer {
        func stop(_ application: Application) async throws {
            let journal: Journal = try application.services.require()
            journal.add("the database is closed")
        }
    }

    /// Goes on after it has been told to stop, as everything does that never asks.
    private struct OnLoop: Action {
        func run(_ context: Context) async throws -> Int {
            try context.journal.add("begun")
            let gate: Gate = try context.services.require()
            await gate.wait()
            try context.journal.add("cancelled: \(Task.isCancelled)")
            return 1
        }
    }

    private struct OnPool: Action {
        static let execution = Execution.threadPool
        static let timeout = Duration.milliseconds(50)
        func run(_ context: Context) async throws -> Int {
            try context.journal.add("begun")
            let hold: Hold = try context.services.require()
            hold.semaphore.wait()
            try context.journal.add("cancelled: \(Task.isCancelled)")
            return 1
        }
    }

    /// Blocks a thread, as computing does.
    private final class Hold: Sendable {
        let semaphore = DispatchSemaphore(value: 0)
    }

    /// Has a job that runs on.
    private struct Jobs: BackgroundWork {
        let unfinished = ["job linger of the queue default, attempt 1, on host:1+1"]
        func start() async throws {}
        func died(pid: Int32, job: JobMark?) {}
        func takeNothingNew(_ plan: StopPlan) {}
        func stop(_ plan: StopPlan) async {}
    }

    private let loop = TestLoop()
    private let gate = Gate()
    private let hold = Hold()

    private func process() throws -> InMemoryProcess {
        let process = try InMemoryProcess(
            [.initializer(Database.self), .action(OnLoop.self), .action(OnPool.self)], work: Jobs())
        process.process.application.services.provide(gate)
        process.process.application.services.provide(hold)
        return process
    }

    /// Begins an action, and returns when it runs.
    private func begin(_ name: String, _ process: InMemoryProcess) async -> ActionCall {
        let call = await withCheckedContinuation { continuation in
            loop.execute {
                let call = process.process.processor.start(process.request(name), on: loop) { _ in }
                continuation.resume(returning: call)
            }
        }
        while process.journal.all.isEmpty { await Task.yield() }
        return call
    }

    @Test("an action whose client has left keeps its services, on a loop")
    func loopAction() async throws {
        let process = try process()
        try await process.process.start()
        let call = await begin("onLoop", process)
        call.cancel()
        async let stopped: Void = process.process.stop()
        while process.process.unstopped.first != "actions" { await Task.yield() }
        #expect(process.journal.all == ["begun"])
        gate.open()
        await stopped
        #expect(process.journal.all == ["begun", "cancelled: true", "the database is closed"])
    }

    @Test("an action whose time is over keeps its services, on the thread pool")
    func poolAction() async throws {
        let process = try process()
        try await process.process.start()
        let call = await begin("onPool", process)
        loop.fireTimers()
        while call.result == nil { await Task.yield() }
        async let stopped: Void = process.process.stop()
        while process.process.unstopped.first != "actions" { await Task.yield() }
        #expect(process.journal.all == ["begun"])
        hold.semaphore.signal()
        await stopped
        #expect(process.journal.all == ["begun", "cancelled: true", "the database is closed"])
    }

    @Test("when there is no more time, the log names the actions, the jobs and all that has not stopped")
    func cutOff() async throws {
        let process = try process()
        try await process.process.start()
        _ = await begin("onLoop", process)
        async let stopped: Void = process.process.stop()
        while process.process.unstopped.first != "actions" { await Task.yield() }
        process.process.logCutOff(afterMilliseconds: 30_000)
        let line = try process.log().first { $0["message"] == "stopping took too long: what still runs is cut off" }
        #expect(line?["level"] == "alert" && line?["limitMilliseconds"] == 30_000)
        #expect(line?["running"] == ["onLoop@1", "job linger of the queue default, attempt 1, on host:1+1"])
        #expect(
            line?["notStopped"] == [
                "actions", "jobs", "messages", "error reports", "initializers", "last error reports",
                "threads of the servers", "shared services", "pidfile", "application",
            ])
        gate.open()
        await stopped
        #expect(process.process.unstopped.isEmpty)
    }

    @Test("an initializer that stops can still run actions; afterwards none begins")
    func lastActions() async throws {
        struct Goodbye: Initializer {
            func stop(_ application: Application) async throws {
                _ = try await application.run("farewell")
            }
        }
        struct Farewell: Action {
            func run(_ context: Context) async throws -> Int {
                try context.journal.add("said")
                return 1
            }
        }
        let process = try InMemoryProcess([.initializer(Goodbye.self), .action(Farewell.self)])
        try await process.process.start()
        await process.process.stop()
        #expect(process.journal.all == ["said"])
        #expect(await process.answer("farewell").response.data["error"] == "the server is shutting down")
    }
}
