// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import CHero
internal import Dispatch
internal import HeroSystem
internal import Synchronization

/// A thread for code of others that may block: neither a loop nor one of Swift's own threads waits for it.
///
/// The thread is made when it is needed first, and stays.
final class LaneThread: TaskExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        var isThere = false
    }

    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let mustStart = state.withLock { state in
            state.jobs.append(job)
            defer { state.isThere = true }
            return !state.isThere
        }
        if mustStart, !DetachedThread.start({ self.work() }) {
            // No thread to be had now: what waits runs on one of Swift's own.
            state.withLock { $0.isThere = false }
            return passOn()
        }
        wake.signal()
    }

    private func work() {
        hero_name_thread("hero-errors")
        while true {
            wake.wait()
            runNext()
        }
    }

    private func runNext() {
        let job = state.withLock { $0.jobs.isEmpty ? nil : $0.jobs.removeFirst() }
        job?.runSynchronously(on: asUnownedTaskExecutor())
    }

    private func passOn() {
        while let job = state.withLock({ $0.jobs.isEmpty ? nil : $0.jobs.removeFirst() }) {
            globalConcurrentExecutor.enqueue(ExecutorJob(job))
        }
    }
}
