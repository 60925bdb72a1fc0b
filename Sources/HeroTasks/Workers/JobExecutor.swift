// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroSystem
internal import NIOCore
internal import Synchronization

/// Runs one job on the event loop, and notes on the board that it does: a crash is put down to the job that executes, and
/// not to those that wait meanwhile.
final class JobExecutor: TaskExecutor {
    private let loop: any EventLoop
    private let board: BoardSlot
    let job: JobMark
    /// The number of its task on the board; negative as long as nobody knows it.
    private let task = Atomic<Int>(-1)

    init(_ loop: any EventLoop, _ board: BoardSlot, _ job: JobMark) {
        (self.loop, self.board, self.job) = (loop, board, job)
    }

    /// It has turned out what the job is; called on the loop by the job itself.
    func execute(_ task: Int) {
        self.task.store(task, ordering: .relaxed)
        board.setRunning(task, thread: WorkerThread.loop)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute {
            let task = self.task.load(ordering: .relaxed)
            if task >= 0 { self.board.setRunning(task, thread: WorkerThread.loop) }
            self.board.setJob(self.job, thread: WorkerThread.loop)
            job.runSynchronously(on: self.asUnownedTaskExecutor())
            self.board.setJob(nil, thread: WorkerThread.loop)
            self.board.setRunning(nil, thread: WorkerThread.loop)
        }
    }
}
