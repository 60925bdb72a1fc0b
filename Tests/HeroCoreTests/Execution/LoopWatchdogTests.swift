// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroBundles
import Testing

@testable import HeroCore
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
        let (busy, idle) = (LoopActivity(), LoopActivity())
        var watchdog = LoopWatchdog(
            loops: [idle, busy], thresholdNanoseconds: second, log: process.process.application.log)
        watchdog.check(now: MonotonicTime.nanoseconds)
        let began = MonotonicTime.nanoseconds
        busy.begin(record, at: began)
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
        busy.begin(record, at: again)
        watchdog.check(now: again + 3 * second)
        #expect(try reports(process).last == ["hang", 3000, "error"])
        busy.end()
    }

    @Test("a clock that stands before the beginning is no block")
    func clock() throws {
        let process = try InMemoryProcess([.action(Hang.self)])
        let record = try #require(process.process.processor.actions.find("hang"))
        let activity = LoopActivity()
        var watchdog = LoopWatchdog(loops: [activity], thresholdNanoseconds: 1, log: process.process.application.log)
        activity.begin(record, at: 1000)
        watchdog.check(now: 999)
        #expect(try reports(process).isEmpty)
    }
}
