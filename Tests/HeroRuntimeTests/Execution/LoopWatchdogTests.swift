// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Dispatch
import HeroBundles
import Testing

@testable import HeroRuntime
@testable import HeroSystem

@Suite("the watchdog of event loops")
struct LoopWatchdogTests {
    private struct Hang: Action {
        func run(_ context: Context) async throws -> Int { 1 }
    }

    private let second: UInt64 = 1_000_000_000

    private func reports(_ process: InMemoryProcess) throws -> [JSON] {
        try process.log().filter { $0["message"] == "an action is blocking the event loop" }
            .map { [$0["action"] ?? nil, $0["blockedMilliseconds"] ?? nil, $0["level"] ?? nil] }
    }

    @Test("names the action that blocks a loop while it does, again when the time has doubled")
    func reporting() throws {
        let process = try InMemoryProcess([.action(Hang.self)])
        let record = try #require(process.process.processor.actions.find("hang"))
        let busy = LoopActivity()
        var watchdog = LoopWatchdog(busy, thresholdNanoseconds: second, log: process.process.application.log)
        watchdog.check(now: MonotonicTime.nanoseconds)
        let began = MonotonicTime.nanoseconds
        busy.begin(record.watched, at: began)
        watchdog.check(now: began + second)
        #expect(try reports(process).isEmpty)
        watchdog.check(now: began + 2 * second)
        watchdog.check(now: began + 3 * second)
        watchdog.check(now: began + 4 * second)
        watchdog.check(now: began + 5 * second)
        #expect(try reports(process) == [["hang", 2000, "error"], ["hang", 4000, "error"]])
        busy.end()
        watchdog.check(now: began + 100 * second)
        #expect(try reports(process).count == 2)
        let again = began + 200 * second
        busy.begin(record.watched, at: again)
        watchdog.check(now: again + 3 * second)
        #expect(try reports(process).last == ["hang", 3000, "error"])
        busy.end()
    }

    @Test("a clock that stands before the beginning is no block")
    func clock() throws {
        let process = try InMemoryProcess([.action(Hang.self)])
        let record = try #require(process.process.processor.actions.find("hang"))
        let activity = LoopActivity()
        var watchdog = LoopWatchdog(activity, thresholdNanoseconds: 1, log: process.process.application.log)
        activity.begin(record.watched, at: 1000)
        watchdog.check(now: 999)
        #expect(try reports(process).isEmpty)
    }

    private func otherReports(_ process: InMemoryProcess) throws -> [JSON] {
        try process.log().filter { $0["message"]?.stringValue?.hasPrefix("something other than an action") == true }
            .map { [$0["blockedMilliseconds"] ?? nil, $0["level"] ?? nil] }
    }

    @Test("what blocks a loop and is no action is told while it lasts, again when the time has doubled")
    func otherThings() throws {
        let process = try InMemoryProcess([])
        let activity = LoopActivity()
        var watchdog = LoopWatchdog(activity, thresholdNanoseconds: second, log: process.process.application.log)
        let asked = 100 * second
        var mayAsk = watchdog.check(now: asked)
        #expect(mayAsk)
        activity.ask(at: asked)
        mayAsk = watchdog.check(now: asked + second)
        #expect(!mayAsk, "it is asked once")
        for later in 2...5 { watchdog.check(now: asked + UInt64(later) * second) }
        #expect(try otherReports(process) == [[2000, "error"], [4000, "error"]])
        #expect(activity.blockCount == 2)
        #expect(activity.answer(at: asked + 6 * second) == 6 * second)
        mayAsk = watchdog.check(now: asked + 6 * second)
        #expect(mayAsk)
        #expect(activity.blockCount == 2)
    }

    @Test("the time of actions is none of other things, and is told of them only")
    func actionsApart() throws {
        let process = try InMemoryProcess([.action(Hang.self)])
        let record = try #require(process.process.processor.actions.find("hang"))
        let activity = LoopActivity()
        var watchdog = LoopWatchdog(activity, thresholdNanoseconds: second, log: process.process.application.log)
        activity.ask(at: second)
        activity.begin(record.watched, at: 2 * second)
        watchdog.check(now: 3 * second)
        watchdog.check(now: 4 * second)
        activity.end(after: 3 * second)
        #expect(activity.answer(at: 6 * second) == 2 * second)
        #expect(activity.blockCount == 0)
        #expect(try reports(process) == [["hang", 2000, "error"]])
    }

    @Test("a process that stood still, and a loop that has ended, are no block")
    func standstill() throws {
        let process = try InMemoryProcess([])
        let activity = LoopActivity()
        var watchdog = LoopWatchdog(activity, thresholdNanoseconds: second, log: process.process.application.log)
        watchdog.check(now: second)
        activity.ask(at: second)
        var mayAsk = watchdog.check(now: 600 * second)
        #expect(mayAsk, "and it is asked anew")
        #expect(activity.answer(at: 601 * second) == 0)
        activity.ask(at: 601 * second)
        activity.hasEnded = true
        for later in [602, 603] {
            mayAsk = watchdog.check(now: UInt64(later) * second)
            #expect(!mayAsk)
        }
        #expect(activity.blockCount == 0)
    }

    @Test("a loop that something blocks is seen by the process that it carries")
    func process() async throws {
        let loop = TestLoop()
        let process = try InMemoryProcess([], overrides: ["general": ["eventLoopBlockedAfter": 1]], on: loop)
        let watching = Task { await process.process.watchLoop() }
        let hold = DispatchSemaphore(value: 0)
        loop.execute { hold.wait() }
        while loop.activity.blockCount == 0 { await Task.yield() }
        hold.signal()
        watching.cancel()
        await watching.value
        await loop.settle()
        #expect(try otherReports(process).first?[1] == "error")
    }
}
