// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Testing

@testable import HeroShared

@Suite("calls that wait for answers")
struct WaitingCallsTests {
    private let error = RPCError(.timedOut, "RPC Timeout")

    /// What a caller gets who begins to wait now; a test has to settle the call when it waits.
    private func wait(_ calls: inout WaitingCalls, _ id: String, then: (inout WaitingCalls) -> Void) async -> String {
        var copy = calls
        defer { calls = copy }
        do {
            return try await withCheckedThrowingContinuation { continuation in
                if let answer = copy.wait(id, continuation) { continuation.resume(with: answer) } else { then(&copy) }
            }?.description ?? "nothing"
        } catch { return "\(error)" }
    }

    @Test("the first answer counts, also when it comes before the caller waits")
    func early() async {
        var calls = WaitingCalls()
        _ = calls.add("a", until: 100)
        for (id, value) in [("a", 1), ("a", 2), ("other", 3)] as [(String, JSON)] {
            let waiter = calls.settle(id, .success(value))
            #expect(waiter == nil)
        }
        let answer1 = await wait(&calls, "a") { _ in Issue.record("it waits") }
        #expect(answer1 == "1")
        calls.remove("a")
        #expect(calls.count == 0)
    }

    @Test("a caller that waits gets the answer, once")
    func late() async {
        var calls = WaitingCalls()
        _ = calls.add("a", until: 100)
        let answer = await wait(&calls, "a") { calls in
            calls.settle("a", .success("x"))?.resume(returning: "x")
            let second = calls.settle("a", .success("y"))
            #expect(second == nil)
        }
        #expect(answer == "\"x\"")
    }

    @Test("only a call that ends before all others asks for an earlier look")
    func order() {
        var calls = WaitingCalls()
        #expect(calls.next == nil)
        for (id, end, isNext) in [("a", 100, true), ("b", 100, false), ("c", 200, false), ("d", 50, true)] {
            let answer = calls.add(id, until: end)
            #expect(answer == isNext, "\(id)")
        }
        #expect(calls.next == 50)
    }

    @Test("calls end when their time is over and not before; answered ones are not looked at again")
    func overdue() async {
        var calls = WaitingCalls()
        for (id, end) in [("a", 100), ("b", 200), ("c", 300)] { _ = calls.add(id, until: end) }
        _ = calls.settle("b", .success(2))
        let answer = await wait(&calls, "a") { calls in
            let early = calls.endOverdue(99, error)
            #expect(early.isEmpty)
            let waiters = calls.endOverdue(250, error)
            #expect(waiters.count == 1)
            for waiter in waiters { waiter.resume(throwing: error) }
        }
        #expect(answer == "RPC Timeout")
        #expect(calls.next == 300)
        let answer2 = await wait(&calls, "b") { _ in Issue.record("it waits") }
        #expect(answer2 == "2")
        // Its time was over before the caller waited.
        let waiters = calls.endOverdue(300, error)
        #expect(waiters.isEmpty)
        #expect(calls.next == nil)
        let answer3 = await wait(&calls, "c") { _ in Issue.record("it waits") }
        #expect(answer3 == "RPC Timeout")
    }
}
