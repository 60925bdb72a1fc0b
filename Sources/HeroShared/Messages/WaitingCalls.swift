// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

/// Calls that were made and whose callers have not been given an answer.
///
/// Times are in milliseconds of a clock that does not go back.
struct WaitingCalls {
    typealias Waiter = CheckedContinuation<JSON?, any Error>
    typealias Answer = Result<JSON?, any Error>

    private struct Call {
        let end: Int
        /// The caller, once it waits.
        var waiter: Waiter?
        /// What came before the caller waited; the first answer counts.
        var answer: Answer?
    }

    private var calls: [String: Call] = [:]
    /// When to look for overdue calls; never later than the end of one of them.
    private(set) var next: Int?

    var count: Int { calls.count }
    var ids: [String] { Array(calls.keys) }

    /// - Returns: Whether it ends before all others.
    mutating func add(_ id: String, until end: Int) -> Bool {
        calls[id] = Call(end: end)
        if let next, next <= end { return false }
        next = end
        return true
    }

    /// - Returns: What has come already.
    mutating func wait(_ id: String, _ waiter: Waiter) -> Answer? {
        guard let call = calls[id] else { return .failure(CancellationError()) }
        if let answer = call.answer { return answer }
        calls[id]?.waiter = waiter
        return nil
    }

    /// - Returns: Who waits for it.
    mutating func settle(_ id: String, _ answer: Answer) -> Waiter? {
        guard var call = calls[id], call.answer == nil else { return nil }
        let waiter = call.waiter
        call.waiter = nil
        call.answer = answer
        calls[id] = call
        return waiter
    }

    mutating func remove(_ id: String) { calls[id] = nil }

    /// - Returns: Who waits for calls that have not been answered in time.
    mutating func endOverdue(_ now: Int, _ error: any Error) -> [Waiter] {
        var waiters: [Waiter] = []
        for (id, call) in calls where call.end <= now {
            if let waiter = settle(id, .failure(error)) { waiters.append(waiter) }
        }
        next = calls.values.lazy.filter { $0.answer == nil }.map(\.end).min()
        return waiters
    }
}
