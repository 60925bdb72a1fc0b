// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Events of one subscription that its reader has not taken yet; bounded, so that a slow reader costs no memory.
final class SubscriberBuffer: Sendable {
    private struct State {
        var events: [RedisEvent] = []
        var position = 0
        var bytes = 0
        /// Messages are left out until the reader has taken what is there.
        var isOverflowing = false
        var hasEnded = false
        var reader: UnsafeContinuation<RedisEvent?, Never>?
    }

    private let state = Mutex(State())
    private let limit: Int
    private let bytesLimit: Int

    /// - Parameters:
    ///   - limit: Events at most; when there are more, a gap stands for those that are left out.
    ///   - bytesLimit: Bytes of messages at most.
    init(limit: Int, bytesLimit: Int) {
        self.limit = limit
        self.bytesLimit = bytesLimit
    }

    func push(_ event: RedisEvent) {
        let reader = state.withLock { state -> UnsafeContinuation<RedisEvent?, Never>? in
            guard !state.hasEnded else { return nil }
            if let reader = state.reader {
                state.reader = nil
                return reader
            }
            add(event, &state)
            return nil
        }
        reader?.resume(returning: event)
    }

    private func add(_ event: RedisEvent, _ state: inout State) {
        guard !state.isOverflowing else { return }
        let size = event.bytes
        if state.events.count - state.position < limit, state.bytes + size <= bytesLimit || state.bytes == 0 {
            state.events.append(event)
            state.bytes += size
        } else {
            state.isOverflowing = true
            state.events.append(.gap)
        }
    }

    /// - Returns: `nil` at the end.
    func next() async -> RedisEvent? {
        await withUnsafeContinuation { continuation in
            let event = state.withLock { state -> RedisEvent?? in
                if let event = Self.take(&state) { return event }
                if state.hasEnded { return .some(nil) }
                let earlier = state.reader
                state.reader = continuation
                // Two tasks that read one subscription are a mistake; the first one must not hang.
                earlier?.resume(returning: nil)
                return nil
            }
            if let event { continuation.resume(returning: event) }
        }
    }

    private static func take(_ state: inout State) -> RedisEvent? {
        guard state.position < state.events.count else { return nil }
        let event = state.events[state.position]
        state.position += 1
        state.bytes -= event.bytes
        if state.position == state.events.count {
            state.events.removeAll(keepingCapacity: state.position < 64)
            (state.position, state.isOverflowing) = (0, false)
        } else if state.position >= 64, state.position * 2 > state.events.count {
            state.events.removeFirst(state.position)
            state.position = 0
        }
        return event
    }

    /// Ends the buffer: messages that it holds can still be read.
    func end() {
        let reader = state.withLock { state in
            state.hasEnded = true
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume(returning: nil)
    }
}

extension RedisEvent {
    fileprivate var bytes: Int {
        switch self {
        case .message(let channel, _, let payload): channel.utf8.count + payload.count
        case .gap: 0
        }
    }
}
