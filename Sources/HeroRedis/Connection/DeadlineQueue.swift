// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import Synchronization

/// Tasks that wait for something that several of them need, each until its own deadline.
final class DeadlineQueue<Value: Sendable>: Sendable {
    private typealias Waiter = CheckedContinuation<Result<Value, RedisError>, Never>

    private struct State {
        var waiters: [Int: Waiter] = [:]
        var next = 0
    }

    private let loop: any EventLoop
    private let state = Mutex(State())

    init(on loop: any EventLoop) { self.loop = loop }

    /// - Parameters:
    ///   - deadline: Nanoseconds of the loop's clock.
    ///   - late: What the caller gets then.
    ///   - begin: Called when the caller is in the queue, so that whatever it starts cannot be missed.
    /// - Returns: What ``resume(_:)`` was given, or the failure for those who are late.
    func wait(until deadline: Int, late: RedisError, begin: () -> Void) async -> Result<Value, RedisError> {
        await withCheckedContinuation { continuation in
            let number = state.withLock { state in
                state.next += 1
                state.waiters[state.next] = continuation
                return state.next
            }
            loop.scheduleTask(deadline: .uptimeNanoseconds(UInt64(max(0, deadline)))) { [weak self] in
                self?.take(number)?.resume(returning: .failure(late))
            }
            begin()
        }
    }

    private func take(_ number: Int) -> Waiter? { state.withLock { $0.waiters.removeValue(forKey: number) } }

    /// Ends all waiting.
    func resume(_ result: Result<Value, RedisError>) {
        let waiters = state.withLock { state in
            defer { state.waiters = [:] }
            return state.waiters.sorted { $0.key < $1.key }
        }
        for (_, waiter) in waiters { waiter.resume(returning: result) }
    }
}
