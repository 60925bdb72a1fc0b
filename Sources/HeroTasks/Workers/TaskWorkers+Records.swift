// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroRedis
internal import HeroSystem
internal import NIOCore

// What other programs see of the workers, four times a second while something changes; informational.
extension TaskWorkers {
    private func worker(_ slot: Int, _ queues: String) -> RegisteredWorker {
        RegisteredWorker(name: "\(identity.name)+\(slot)", queues: queues)
    }

    /// Something has changed that is to be seen.
    func noteRecords() {
        guard !isWriting, recordTimer == nil, !hasEnded else { return }
        recordTimer = loop.scheduleTask(in: .nanoseconds(Int64(WorkerBook.tick))) {
            self.recordTimer = nil
            self.writeRecords()
        }
    }

    private func writeRecords() {
        let (now, running) = (now, machine.running)
        let queues = machine.queues.text
        if queues != bookQueues {
            let old = book.registered.map { worker($0, bookQueues) }
            book.forget()
            bookQueues = queues
            write { store throws(RedisError) in try await store.unregister(old) }
            return
        }
        let step = book.step(slots: machine.isStopping ? 0 : machine.slots, running: running, now: now)
        let waits = machine.hasWaiting
        guard !step.isEmpty || waits else {
            if book.isWaiting(for: running) { noteRecords() }
            return
        }
        let time = WallTime.now
        write { [self] store throws(RedisError) in
            try await store.register(step.register.map { worker($0, queues) }, at: time)
            let working = step.working.map { slot, job, since in
                (worker(slot, queues), job, WallTime(milliseconds: time.milliseconds - (now - since) / 1_000_000))
            }
            try await store.record(working: working, idle: step.idle.map { worker($0, queues) })
            try await store.count(step.counts.map { ("\(identity.name)+\($0.slot)", $0.processed, $0.failed) })
            try await store.unregister(step.unregister.map { worker($0, queues) })
            guard waits else { return }
            let paused = Set(try await QueueAPI(store).paused())
            if !paused.isEmpty { onLoop { $0.machine.paused(paused, now: $1) } }
        }
    }

    /// One at a time; when one fails, all is written again.
    private func write(_ work: @escaping @Sendable (JobStore) async throws(RedisError) -> Void) {
        isWriting = true
        // Its end is waited for by the next step, and by the end of all.
        Task(executorPreference: executor) { [store] in
            let isDone: Bool
            do throws(RedisError) {
                try await work(store)
                isDone = true
            } catch { isDone = false }
            self.loop.execute {
                self.isWriting = false
                if self.hasEnded { return self.clearRecords() }
                if !isDone { self.book.forget() }
                if !self.machine.running.isEmpty || self.book.registered.count < self.machine.slots {
                    self.noteRecords()
                }
            }
        }
    }

    /// Says that the workers are there, every few seconds.
    func ping() {
        pingTimer = loop.scheduleTask(in: .milliseconds(Int64(pingInterval))) {
            guard !self.hasEnded else { return }
            let queues = self.bookQueues
            let workers = self.book.registered.map { self.worker($0, queues) }
            // A ping that is lost is followed by the next.
            if !workers.isEmpty {
                Task(executorPreference: self.executor) { [store = self.store] in
                    try? await store.ping(workers, at: .now)
                }
            }
            self.ping()
        }
    }

    /// The machine has ended: nobody finds a worker of this process any more.
    func clearRecords() {
        guard !isWriting else { return }
        recordTimer?.cancel()
        pingTimer?.cancel()
        let workers = book.known.map { worker($0, bookQueues) }
        // A Redis that has not answered the machine is not asked once more.
        guard endedCleanly, !workers.isEmpty else { return ended.succeed(endedCleanly) }
        // `stop` waits for it.
        Task(executorPreference: executor) { [store, ended, endedCleanly] in
            try? await store.unregister(workers)
            ended.succeed(endedCleanly)
        }
    }
}
