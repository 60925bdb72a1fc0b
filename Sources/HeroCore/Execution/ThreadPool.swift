// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import CHero
internal import Dispatch
internal import Glibc
internal import Synchronization

/// Threads for actions that block.
///
/// Swift's own pool has one thread per core and must not be blocked; Dispatch's would grow without a bound that we
/// choose.
final class ThreadPool: TaskExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        var idleThreads = 0
        var threads = 0
        /// Actions that wait or run.
        var actions = 0
    }

    private let size: Int
    private let queueLimit: Int
    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)

    /// - Parameters:
    ///   - size: How many threads at most; they are made when they are needed and stay.
    ///   - queueLimit: How many actions may wait or run; more are refused.
    init(size: Int, queueLimit: Int) {
        self.size = size
        self.queueLimit = queueLimit
    }

    /// Runs work on the pool, however often it suspends.
    ///
    /// - Throws: ``ActionError`` with status 503 when too much is waiting already, or what the work throws.
    func run<T: Sendable>(_ work: @escaping @Sendable () async throws -> T) async throws -> T {
        let isAdmitted = state.withLock { state in
            guard state.actions < queueLimit else { return false }
            state.actions += 1
            return true
        }
        guard isAdmitted else {
            throw ActionError("too many actions are waiting for a thread; try again later", status: 503)
        }
        defer { state.withLock { $0.actions -= 1 } }
        return try await withTaskExecutorPreference(self) { try await work() }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let mustStart = state.withLock { state in
            state.jobs.append(job)
            guard state.idleThreads < state.jobs.count, state.threads < size else { return false }
            state.threads += 1
            return true
        }
        if mustStart { startThread() }
        wake.signal()
    }

    private func startThread() {
        var thread = pthread_t()
        let pool = Unmanaged.passRetained(self).toOpaque()
        let code = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<ThreadPool>.fromOpaque(argument).takeRetainedValue().work() }
                return nil
            }, pool)
        guard code == 0 else {
            // No thread to be had now: those that run take the job when they are done.
            Unmanaged<ThreadPool>.fromOpaque(pool).release()
            state.withLock { $0.threads -= 1 }
            return
        }
        pthread_detach(thread)
    }

    private func work() {
        hero_name_thread("hero-pool")
        while true {
            state.withLock { $0.idleThreads += 1 }
            wake.wait()
            let job = state.withLock { state -> UnownedJob? in
                state.idleThreads -= 1
                return state.jobs.isEmpty ? nil : state.jobs.removeFirst()
            }
            job?.runSynchronously(on: asUnownedTaskExecutor())
        }
    }
}
