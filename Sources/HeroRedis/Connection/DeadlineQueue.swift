// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import Synchronization

/// Tasks that wait for something that several of them need, each until its own deadline.
final class DeadlineQueue<Value: Sendable>: Sendable {
    private typealias Waiter = CheckedContinuation<Result<Value, RedisError>, Never>

    private enum Seat {
        case taken
        case waiting(Waiter)
        /// The caller was cancelled, or its time was over, before it waited.
        case over(RedisError)
    }

    private struct State {
        /// By number: whoever came first has the lowest.
        var seats: [Int: Seat] = [:]
        var next = 0
    }

    private let loop: any EventLoop
    private let state = Mutex(State())

    init(on loop: any EventLoop) { self.loop = loop }

    /// - Parameters:
    ///   - deadline: Nanoseconds of the loop's clock.
    ///   - late: What the caller gets then.
    ///   - begin: Called when the caller is in the queue, so that whatever it starts cannot be missed.
    /// - Returns: What ``resume(_:)`` was given, or the failure for those who are late or whose task was cancelled.
    func wait(until deadline: Int, late: RedisError, begin: () -> Void) async -> Result<Value, RedisError> {
        let number = state.withLock { state in
            state.next += 1
            state.seats[state.next] = .taken
            return state.next
        }
        let limit = loop.scheduleTask(deadline: .uptimeNanoseconds(UInt64(max(0, deadline)))) { [weak self] in
            self?.end(number, late)
        }
        defer {
            limit.cancel()
            _ = state.withLock { $0.seats.removeValue(forKey: number) }
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let error = state.withLock { state -> RedisError? in
                    if case .over(let error)? = state.seats[number] { return error }
                    state.seats[number] = .waiting(continuation)
                    return nil
                }
                if let error { return continuation.resume(returning: .failure(error)) }
                begin()
            }
        } onCancel: {
            end(number, .cancelled("a command that waited for a connection"))
        }
    }

    private func end(_ number: Int, _ error: RedisError) {
        let waiter = state.withLock { state -> Waiter? in
            switch state.seats[number] {
            case .taken:
                state.seats[number] = .over(error)
                return nil
            case .waiting(let waiter):
                state.seats[number] = nil
                return waiter
            case .over, nil: return nil
            }
        }
        waiter?.resume(returning: .failure(error))
    }

    /// Ends all waiting.
    func resume(_ result: Result<Value, RedisError>) {
        for waiter in take(.max) { waiter.resume(returning: result) }
    }

    /// Ends the waiting of whoever came first.
    func resumeFirst(_ result: Result<Value, RedisError>) {
        for waiter in take(1) { waiter.resume(returning: result) }
    }

    private func take(_ most: Int) -> [Waiter] {
        state.withLock { state in
            var waiters: [Waiter] = []
            for number in state.seats.keys.sorted() where waiters.count < most {
                guard case .waiting(let waiter)? = state.seats[number] else { continue }
                state.seats[number] = nil
                waiters.append(waiter)
            }
            return waiters
        }
    }
}
