// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

// How many workers there are, by how late the loop's timers are.
extension TaskWorkers {
    /// Lets the number of workers follow the work, as node-resque's multi worker does; instead of ``resize(to:)``.
    ///
    /// - Parameters:
    ///   - pool: As new.
    ///   - milliseconds: Between two checks, more than 0.
    ///   - checked: Is told what was decided, and by how many milliseconds the loop was late; called on the loop.
    package func scale(
        _ pool: PoolMachine, every milliseconds: Int,
        _ checked: @escaping @Sendable (PoolMachine.Verb, Int) -> Void
    ) {
        loop.execute { self.check(pool, max(1, milliseconds) * 1_000_000, checked) }
    }

    private func check(
        _ pool: PoolMachine, _ interval: Int, _ checked: @escaping @Sendable (PoolMachine.Verb, Int) -> Void
    ) {
        let due = now + interval
        // Ends with the first check after the workers' end.
        loop.scheduleTask(deadline: NIODeadline.uptimeNanoseconds(UInt64(due))) {
            guard !self.hasEnded, !self.machine.isStopping else { return }
            var pool = pool
            let delay = max(0, self.now - due)
            pool.measured(delay: delay)
            let verb = pool.check(busy: self.machine.busy)
            checked(verb, delay / 1_000_000)
            if verb != .keep { self.resize(to: pool.workers) }
            self.check(pool, interval, checked)
        }
    }

    /// Other queues are worked from now on, for who decides so while the process runs.
    ///
    /// - Parameter queues: As the configuration has them.
    package func work(_ queues: [String]) {
        onLoop { workers, now in
            let actions = workers.machine.work(QueueOrder(queues), now: now)
            workers.noteRecords()
            workers.listen()
            return actions
        }
    }
}
