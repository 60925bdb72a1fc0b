// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Starts the parts of a process from the first to the last, and stops them from the last to the first: each may use what
/// stands before it for as long as it lives.
package final class LifeCycle: Sendable {
    private struct State {
        /// How many have been told to start.
        var started = 0
        /// How many have not stopped; `nil` as long as none has been told to.
        var left: Int?
    }

    private let steps: [LifeStep]
    private let state = Mutex(State())

    package init(_ steps: [LifeStep]) { self.steps = steps }

    /// Starts what has not started yet.
    ///
    /// - Parameter end: The name of the first part that is left for a later call; `nil` for none.
    /// - Throws: What the first part throws that cannot start; those behind it are not told to.
    package func start(before end: String? = nil) async throws {
        while let step = next(before: end) { try await step.start() }
    }

    private func next(before end: String?) -> LifeStep? {
        state.withLock { state in
            guard state.left == nil, state.started < steps.count, steps[state.started].name != end else { return nil }
            state.started += 1
            return steps[state.started - 1]
        }
    }

    /// Stops all parts; a second call does nothing.
    package func stop(_ plan: StopPlan) async {
        let isFirst = state.withLock { state in
            guard state.left == nil else { return false }
            state.left = steps.count
            return true
        }
        guard isFirst else { return }
        for (position, step) in steps.enumerated().reversed() {
            await step.stop(plan)
            state.withLock { $0.left = position }
        }
    }

    /// What has not stopped, in the order in which it is going to.
    ///
    /// The first is about to. Empty unless the process stops.
    package var left: [String] {
        let count = state.withLock { $0.left } ?? 0
        return steps.prefix(count).reversed().map(\.name)
    }
}
