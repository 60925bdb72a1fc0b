// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Testing

@testable import HeroCore

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
        #expect(calls.settle("a", .success(1)) == nil)
        #expect(calls.settle("a", .success(2)) == nil)
        #expect(calls.settle("other", .success(3)) == nil)
        #expect(await wait(&calls, "a") { _ in Issue.record("it waits") } == "1")
        calls.remove("a")
        #expect(calls.count == 0)
    }

    @Test("a caller that waits gets the answer, once")
    func late() async {
        var calls = WaitingCalls()
        _ = calls.add("a", until: 100)
        let answer = await wait(&calls, "a") { calls in
            calls.settle("a", .success("x"))?.resume(returning: "x")
            #expect(calls.settle("a", .success("y")) == nil)
        }
        #expect(answer == "\"x\"")
    }

    @Test("only a call that ends before all others asks for an earlier look")
    func order() {
        var calls = WaitingCalls()
        #expect(calls.next == nil)
        #expect(calls.add("a", until: 100))
        #expect(!calls.add("b", until: 100))
        #expect(!calls.add("c", until: 200))
        #expect(calls.add("d", until: 50))
        #expect(calls.next == 50)
    }

    @Test("calls end when their time is over and not before; answered ones are not looked at again")
    func overdue() async {
        var calls = WaitingCalls()
        for (id, end) in [("a", 100), ("b", 200), ("c", 300)] { _ = calls.add(id, until: end) }
        #expect(calls.settle("b", .success(2)) == nil)
        let answer = await wait(&calls, "a") { calls in
            #expect(calls.endOverdue(99, error).isEmpty)
            let waiters = calls.endOverdue(250, error)
            #expect(waiters.count == 1)
            for waiter in waiters { waiter.resume(throwing: error) }
        }
        #expect(answer == "RPC Timeout")
        #expect(calls.next == 300)
        #expect(await wait(&calls, "b") { _ in Issue.record("it waits") } == "2")
        // Its time was over before the caller waited.
        #expect(calls.endOverdue(300, error).isEmpty)
        #expect(calls.next == nil)
        #expect(await wait(&calls, "c") { _ in Issue.record("it waits") } == "RPC Timeout")
    }
}
