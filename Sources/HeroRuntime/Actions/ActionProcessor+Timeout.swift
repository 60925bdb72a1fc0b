// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

// Time limits of actions.
internal import HeroConfiguration

extension ActionProcessor {
    private func timeoutError(_ record: ActionRecord) -> PresentedError {
        let milliseconds = String(record.timeoutNanoseconds / 1_000_000)
        return PresentedError(ErrorsConfiguration.fill(errors.actionTimedOut, "milliseconds", with: milliseconds))
    }

    func scheduleTimeout(
        _ call: ActionCall, _ task: Task<Void, Never>, _ loop: any ActionLoop,
        _ completion: @escaping @Sendable (ActionCall) -> Void
    ) -> (@Sendable () -> Void)? {
        guard let record = call.record, record.timeoutNanoseconds > 0 else { return nil }
        return loop.schedule(afterNanoseconds: record.timeoutNanoseconds) {
            // The client gets its answer now, whether or not the action listens to the cancellation.
            if self.end(call, .timedOut, self.timeoutError(record)) { completion(call) }
            task.cancel()
        }
    }

    /// For calls without a loop: the caller waits for the action itself, which has been told to stop.
    func withTimeout(
        _ call: ActionCall, _ body: @escaping @Sendable () async -> (ActionStatus, PresentedError?)
    ) async -> (ActionStatus, PresentedError?) {
        guard let record = call.record, record.timeoutNanoseconds > 0 else { return await body() }
        return await withTaskGroup(of: (ActionStatus, PresentedError?)?.self) { group in
            group.addTask { await body() }
            group.addTask {
                // Ended early when the action has ended, or when the caller itself was told to stop.
                guard (try? await Task.sleep(for: .nanoseconds(record.timeoutNanoseconds))) != nil else { return nil }
                _ = self.end(call, .timedOut, self.timeoutError(record))
                return (.timedOut, nil)
            }
            var outcome: (ActionStatus, PresentedError?)?
            while outcome == nil, let next = await group.next() { outcome = next }
            group.cancelAll()
            return outcome ?? (.genericError, nil)
        }
    }
}
