// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// What is to be sent to a client beside the answers to its requests, until the client takes it.
///
/// Bounded: whoever sends more than a slow client takes gets an error, and the server keeps its memory. Anybody may put
/// messages in; one task takes them out.
package final class MessageOutbox: Sendable {
    private struct State {
        var messages: [[UInt8]] = []
        var bytes = 0
        var isClosed = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let limitBytes: Int
    private let state = Mutex(State())

    /// - Parameter limitBytes: Of all messages that wait.
    package init(limitBytes: Int) { self.limitBytes = limitBytes }

    /// Puts a message behind the others.
    ///
    /// - Parameter message: As it goes to the client.
    /// - Throws: ``ConnectionError`` when there is no room, or nobody to take it any more.
    package func put(_ message: [UInt8]) throws(ConnectionError) {
        let (problem, waiter) = state.withLock { state -> (ConnectionError?, CheckedContinuation<Void, Never>?) in
            if state.isClosed { return (.closed, nil) }
            guard state.bytes + message.count <= limitBytes else {
                return (.outboxFull(waiting: state.bytes, message: message.count, limit: limitBytes), nil)
            }
            state.bytes += message.count
            state.messages.append(message)
            defer { state.waiter = nil }
            return (nil, state.waiter)
        }
        waiter?.resume()
        if let problem { throw problem }
    }

    /// Waits for messages.
    ///
    /// - Returns: All that are there, in their order; `nil` when the outbox has been closed and is empty, or the task is
    ///   cancelled.
    package func next() async -> [[UInt8]]? {
        while !Task.isCancelled {
            let (messages, isClosed) = take()
            if !messages.isEmpty { return messages }
            if isClosed { return nil }
            await wait()
        }
        return nil
    }

    /// - Returns: What waits, without waiting for more.
    package func rest() -> [[UInt8]] { take().messages }

    private func take() -> (messages: [[UInt8]], isClosed: Bool) {
        state.withLock { state in
            defer { (state.messages, state.bytes) = ([], 0) }
            return (state.messages, state.isClosed)
        }
    }

    private func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if !state.messages.isEmpty || state.isClosed || Task.isCancelled { return true }
                    state.waiter = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            wake { _ in }
        }
    }

    /// Takes no more messages; those that are there may still be taken out.
    package func close() { wake { $0.isClosed = true } }

    private func wake(_ change: (inout State) -> Void) {
        let waiter = state.withLock { state in
            change(&state)
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }
}
