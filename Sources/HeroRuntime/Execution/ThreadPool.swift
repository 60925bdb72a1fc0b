// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import Dispatch
internal import HeroSystem
internal import Synchronization

/// Threads for actions that block.
///
/// Swift's own pool has one thread per core and must not be blocked; Dispatch's would grow without a bound that we
/// choose.
final class ThreadPool: Sendable {
    private struct State {
        var jobs: [(job: UnownedJob, executor: PoolExecutor)] = []
        var idleThreads = 0
        /// Numbers of the threads that there are.
        var threads: Set<Int> = []
        /// Actions that wait or run.
        var actions = 0
    }

    private let slot: BoardSlot?
    private let size: Int
    private let queueLimit: Int
    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)

    /// - Parameters:
    ///   - size: How many threads at most; they are made when they are needed and stay.
    ///   - queueLimit: How many actions may wait or run; more are refused.
    ///   - slot: Where running actions are noted for the master.
    init(size: Int, queueLimit: Int, slot: BoardSlot? = nil) {
        self.slot = slot
        self.size = size
        self.queueLimit = queueLimit
    }

    /// Runs work on the pool, however often it suspends.
    ///
    /// - Throws: ``ActionError`` with status 503 when too much is waiting already, or what the work throws.
    func run<T: Sendable>(_ action: WatchedAction, _ work: @escaping @Sendable () async throws -> T) async throws -> T {
        try await run(boardNumber: action.boardNumber.load(ordering: .relaxed), work)
    }

    /// Runs work on the pool, however often it suspends.
    ///
    /// - Parameters:
    ///   - boardNumber: Which action is blamed for a crash; `nil` for none.
    ///   - job: Which job is.
    ///   - work: What to run.
    /// - Returns: What the work returns.
    /// - Throws: ``ActionError`` with status 503 when too much is waiting already, or what the work throws.
    func run<T: Sendable>(
        boardNumber: Int?, job: JobMark? = nil, _ work: @escaping @Sendable () async throws -> T
    ) async throws -> T {
        let isAdmitted = state.withLock { state in
            guard state.actions < queueLimit else { return false }
            state.actions += 1
            return true
        }
        guard isAdmitted else {
            throw ActionError("too many actions are waiting for a thread; try again later", status: 503)
        }
        defer { state.withLock { $0.actions -= 1 } }
        let executor = PoolExecutor(self, action: boardNumber, job: job)
        return try await withTaskExecutorPreference(executor) { try await work() }
    }

    fileprivate func enqueue(_ job: UnownedJob, _ executor: PoolExecutor) {
        let new = state.withLock { state -> Int? in
            state.jobs.append((job, executor))
            guard state.idleThreads < state.jobs.count, state.threads.count < size else { return nil }
            // 0 is the event loop's.
            let number = (1...size).first { !state.threads.contains($0) }
            if let number { state.threads.insert(number) }
            return number
        }
        if let new { startThread(new) }
        wake.signal()
    }

    private func startThread(_ number: Int) {
        // No thread to be had now: those that run take the job when they are done.
        if !DetachedThread.start({ self.work(number) }) { state.withLock { _ = $0.threads.remove(number) } }
    }

    /// - Parameter number: The thread's alone, so that a crash is blamed on what this thread executes.
    private func work(_ number: Int) {
        WorkerThread.setName(number)
        while true {
            state.withLock { $0.idleThreads += 1 }
            wake.wait()
            let next = state.withLock { state -> (job: UnownedJob, executor: PoolExecutor)? in
                state.idleThreads -= 1
                return state.jobs.isEmpty ? nil : state.jobs.removeFirst()
            }
            guard let next else { continue }
            slot?.setRunning(next.executor.action, thread: number)
            if let job = next.executor.job { slot?.setJob(job, thread: number) }
            next.job.runSynchronously(on: next.executor.asUnownedTaskExecutor())
            slot?.setRunning(nil, thread: number)
            if next.executor.job != nil { slot?.setJob(nil, thread: number) }
        }
    }
}

/// Takes one action to the pool, and knows which it is.
private final class PoolExecutor: TaskExecutor {
    private let pool: ThreadPool
    let action: Int?
    let job: JobMark?

    init(_ pool: ThreadPool, action: Int?, job: JobMark?) {
        self.pool = pool
        self.action = action
        self.job = job
    }

    func enqueue(_ job: consuming ExecutorJob) { pool.enqueue(UnownedJob(job), self) }
}
