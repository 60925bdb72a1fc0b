// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Dispatch
import HeroBundles
import HeroRuntime
import Synchronization
import Testing

@Suite("where actions run and for how long")
struct ExecutionTests {
    private struct Plain: Action {
        func run(_ context: Context) async throws -> [String: Bool] {
            let loop: TestLoop = try context.services.require()
            return ["onLoop": loop.isCurrent]
        }
    }

    private struct Suspending: Action {
        func run(_ context: Context) async throws -> [String: Bool] {
            let loop: TestLoop = try context.services.require()
            let gate: Gate = try context.services.require()
            try context.journal.add("waiting")
            await gate.wait()
            return ["onLoop": loop.isCurrent]
        }
    }

    private struct Blocking: Action {
        static let execution = Execution.threadPool
        func run(_ context: Context) async throws -> [String: Bool] {
            let loop: TestLoop = try context.services.require()
            let before = loop.isCurrent
            await Task.yield()
            return ["onLoop": before || loop.isCurrent]
        }
    }

    private struct Stubborn: Action {
        static let timeout = Duration.milliseconds(50)
        func run(_ context: Context) async throws -> [String: Int] {
            let gate: Gate = try context.services.require()
            await gate.wait()
            try context.journal.add("cancelled: \(Task.isCancelled)")
            return ["late": 1]
        }
    }

    private struct Obedient: Action {
        static let timeout = Duration.milliseconds(1)
        func run(_ context: Context) async throws -> [String: Int] {
            context.response["early"] = 1
            // Ends when the task is cancelled, and never otherwise.
            try? await Task.sleep(for: .seconds(1_000_000))
            return ["late": 1]
        }
    }

    private struct Quick: Action {
        static let timeout = Duration.seconds(1_000_000)
        func run(_ context: Context) async throws -> [String: Int] { ["quick": 1] }
    }

    private let loop = TestLoop()
    private let gate = Gate()

    private func process(_ overrides: JSON = [:], _ more: [BundleType] = []) throws -> InMemoryProcess {
        let process = try InMemoryProcess(
            [
                .action(Plain.self), .action(Suspending.self), .action(Blocking.self), .action(Stubborn.self),
                .action(Obedient.self), .action(Quick.self),
            ] + more, overrides: overrides)
        process.process.application.services.provide(loop)
        process.process.application.services.provide(gate)
        return process
    }

    @Test("an action that does not suspend has been answered when start returns")
    func immediate() async throws {
        let process = try process()
        let isAnswered = await withCheckedContinuation { continuation in
            loop.execute {
                let answered = Mutex(false)
                process.process.processor.start(process.request("plain"), on: loop) { call in
                    answered.withLock { $0 = call.response.data["onLoop"] == true && loop.isCurrent }
                }
                continuation.resume(returning: answered.withLock { $0 })
            }
        }
        #expect(isAnswered)
    }

    @Test("an action that suspends goes on and is answered on its loop")
    func suspended() async throws {
        let process = try process()
        async let answer = process.answer("suspending", on: loop)
        while process.journal.all.isEmpty { await loop.settle() }
        gate.open()
        #expect(await answer.response.data == ["onLoop": true])
    }

    @Test("an action of the thread pool never runs on the loop, and is answered there")
    func threadPool() async throws {
        let process = try process()
        #expect(await process.answer("blocking", on: loop).response.data == ["onLoop": false])
        #expect(await process.answer("blocking").response.data == ["onLoop": false])
    }

    @Test("at its time limit the client is answered, the action cancelled, and what it returns later dropped")
    func timeout() async throws {
        let process = try process()
        async let answer = process.answer("stubborn", on: loop)
        while loop.timerCount == 0 { await loop.settle() }
        loop.fireTimers()
        let call = await answer
        #expect(call.error == "the action took longer than 50 ms")
        #expect(call.result?.status == .timedOut)
        gate.open()
        await process.process.processor.drain()
        #expect(process.journal.all == ["cancelled: true"])
        #expect(call.response.data == ["error": "the action took longer than 50 ms"])
        let lines = try process.log().filter { $0["action"] == "stubborn" }
        #expect(lines.count == 1)
        #expect(lines.first?["error"] == "Error: the action took longer than 50 ms")
    }

    @Test("an action that ends in time leaves no timer behind")
    func inTime() async throws {
        let process = try process()
        #expect(await process.answer("quick", on: loop).response.data == ["quick": 1])
        #expect(loop.timerCount == 0)
        #expect(await process.answer("quick").response.data == ["quick": 1])
    }

    @Test("without a loop the caller waits for the cancelled action and gets the time limit's error")
    func timeoutInline() async throws {
        let call = try await process().answer("obedient")
        #expect(call.response.data == ["early": 1, "error": "the action took longer than 1 ms"])
        #expect(call.result?.status == .timedOut)
    }

    @Test("a caller that is cancelled before the limit is not told of a limit")
    func cancelledInline() async throws {
        struct Patient: Action {
            static let timeout = Duration.seconds(1_000_000)
            func run(_ context: Context) async throws -> [String: Int] {
                try context.journal.add("waiting")
                try await Task.sleep(for: .seconds(1_000_000))
                return [:]
            }
        }
        let process = try process([:], [.action(Patient.self)])
        let task = Task { await process.answer("patient") }
        while process.journal.all.isEmpty { await Task.yield() }
        task.cancel()
        let call = await task.value
        #expect(call.result?.status == .genericError)
        #expect(call.error == "CancellationError()")
    }

    @Test("a call that nobody waits for any more is cancelled")
    func cancellation() async throws {
        let process = try process()
        let call = await withCheckedContinuation { continuation in
            loop.execute {
                continuation.resume(
                    returning: process.process.processor.start(process.request("obedient"), on: loop) { _ in })
            }
        }
        call.cancel()
        await process.process.processor.drain()
        #expect(call.response.data == ["early": 1, "late": 1])
    }

    @Test("draining waits for what runs")
    func draining() async throws {
        let process = try process()
        let processor = process.process.processor
        async let answer = process.answer("suspending")
        while process.journal.all.isEmpty { await Task.yield() }
        let journal = process.journal
        let drained = Task {
            await processor.drain()
            journal.add("drained")
        }
        let stream = processor.detached { journal.add("stream ended") }
        await stream.value
        journal.add("opened")
        gate.open()
        _ = await answer
        await drained.value
        #expect(journal.all == ["waiting", "stream ended", "opened", "drained"])
    }

    @Test("an action that kept the loop busy is named in the log when it has ended")
    func blockedLoop() async throws {
        struct Busy: Action {
            static let version = 3
            func run(_ context: Context) async throws -> [String: Int] {
                let start = ContinuousClock.now
                while start.duration(to: .now) < .milliseconds(3) {}
                return [:]
            }
        }
        let process = try process(["general": ["eventLoopBlockedAfter": 1]], [.action(Busy.self)])
        _ = await process.answer("busy", on: loop)
        await loop.settle()
        let line = try process.log().first { $0["message"] == "an action blocked the event loop" }
        #expect(line?["action"] == "busy" && line?["version"] == "3" && line?["level"] == "warning")
        #expect(try #require(line?["blockedMilliseconds"]?.intValue) >= 3)
    }
}
