// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// What waits for one taker, in the order in which it came.
///
/// Bounded without losing anything that counts: what somebody can repeat without end, such as a signal, waits once however
/// often it comes, and so cannot push out what comes once, such as the order to stop.
package final class Mailbox<Element: Hashable & Sendable>: Sendable {
    private struct State {
        var waiting: [Element] = []
        var isClosed = false
    }

    private let limit: Int
    private let isRepeatable: @Sendable (Element) -> Bool
    private let state = Mutex(State())
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    /// - Parameters:
    ///   - limit: How many elements may wait.
    ///   - isRepeatable: Whether hearing of an element once is as good as hearing of it twice in a row of others.
    package init(limit: Int = 256, isRepeatable: @escaping @Sendable (Element) -> Bool) {
        self.limit = limit
        self.isRepeatable = isRepeatable
        (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// - Returns: Whether the element waits now; not when the box is closed or full.
    @discardableResult
    package func add(_ element: Element) -> Bool {
        let isWaiting = state.withLock { state in
            guard !state.isClosed else { return false }
            if isRepeatable(element), state.waiting.contains(element) { return true }
            guard state.waiting.count < limit else { return false }
            state.waiting.append(element)
            return true
        }
        if isWaiting { wake.yield() }
        return isWaiting
    }

    /// Ends ``elements`` after what waits already.
    package func close() {
        state.withLock { $0.isClosed = true }
        wake.finish()
    }

    /// For one taker at a time.
    package var elements: AsyncStream<Element> { AsyncStream { await self.next() } }

    private func next() async -> Element? {
        while true {
            let (element, isClosed) = state.withLock { state in
                (state.waiting.isEmpty ? nil : state.waiting.removeFirst(), state.isClosed)
            }
            if let element { return element }
            if isClosed { return nil }
            var iterator = wakes.makeAsyncIterator()
            // Nothing is left to wait for when the task of the taker is cancelled.
            if await iterator.next() == nil, Task.isCancelled { return nil }
        }
    }
}
