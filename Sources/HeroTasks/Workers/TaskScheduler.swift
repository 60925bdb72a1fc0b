// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// Moves delayed jobs, retries and recurrent tasks to their queues: does what ``SchedulerMachine`` says.
///
/// Belongs to its event loop; ``start()``, ``stop()`` and ``status()`` may be called from elsewhere.
package final class TaskScheduler: @unchecked Sendable {
    package struct Settings: Sendable {
        /// Milliseconds between two looks.
        package var interval = 5000
        /// Milliseconds after which a worker without a ping is cleaned up, of whatever program it is.
        package var stuckWorkerTimeout = 3_600_000
        /// Whether its job is enqueued again.
        package var retriesStuckJobs = false
        /// How many jobs the dead set keeps.
        package var mostDead = 10_000
        package var allowance = CrashAllowance()

        package init() {}
    }

    /// What a page of status shows.
    package struct Status: Sendable, Hashable {
        package let isLeader: Bool
        /// Milliseconds that the oldest delayed job is late; `nil` for who does not lead.
        package let lag: Int?
    }

    let store: JobStore
    let loop: any EventLoop
    /// `<host>:<pid>`; Redis knows the leader by it.
    let name: String
    let host: any SchedulerHost
    let settings: Settings
    let note: @Sendable (SchedulerNote) -> Void
    private let executor: LoopExecutor
    private var machine: SchedulerMachine
    private var timer: Scheduled<Void>?
    private let ended: EventLoopPromise<Void>
    private var hasStarted = false
    private var hasEnded = false
    /// Moments whose key is of another type, and until when, in nanoseconds, they are left out.
    var badMoments: [Int: Int] = [:]

    /// - Parameters:
    ///   - store: Where jobs are.
    ///   - name: `<host>:<pid>`.
    ///   - host: Knows what tasks there are.
    ///   - settings: What it goes by.
    ///   - loop: Where all of it runs.
    ///   - note: Is told what the log should know; called on the loop.
    package init(
        _ store: JobStore, name: String, host: any SchedulerHost, settings: Settings = Settings(),
        on loop: any EventLoop, note: @escaping @Sendable (SchedulerNote) -> Void
    ) {
        (self.store, self.name, self.host, self.settings) = (store, name, host, settings)
        (self.loop, self.note) = (loop, note)
        executor = LoopExecutor(loop)
        ended = loop.makePromise()
        let now = Int(truncatingIfNeeded: loop.now.uptimeNanoseconds)
        machine = SchedulerMachine(interval: max(1, settings.interval) * 1_000_000, now: now)
    }

    package func start() {
        loop.execute {
            guard !self.hasStarted, !self.hasEnded else { return }
            self.hasStarted = true
            self.note(.started)
            self.take { $0.tick(now: $1) }
        }
    }

    /// Finishes the call that is under way, and lets another one lead.
    package func stop() async {
        loop.execute {
            guard self.hasStarted else { return self.end() }
            self.take { $0.stop(now: $1) }
        }
        try? await ended.futureResult.get()
    }

    package func status() async -> Status {
        let status = loop.submit { Status(isLeader: self.machine.isLeader, lag: self.machine.lag) }
        return (try? await status.get()) ?? Status(isLeader: false, lag: nil)
    }

    // MARK: The loop

    typealias Answer = @Sendable (inout SchedulerMachine, Int) -> [SchedulerMachine.Action]

    var now: Int { Int(truncatingIfNeeded: loop.now.uptimeNanoseconds) }

    private func take(_ event: Answer) {
        guard !hasEnded else { return }
        event(&machine, now).forEach(perform)
        if machine.hasEnded { return end() }
        timer?.cancel()
        guard let time = machine.wakeUp else { return }
        timer = loop.scheduleTask(deadline: NIODeadline.uptimeNanoseconds(UInt64(max(0, time)))) {
            self.take { $0.tick(now: $1) }
        }
    }

    private func end() {
        timer?.cancel()
        if hasStarted, !hasEnded { note(.ended) }
        hasEnded = true
        ended.succeed()
    }

    private func perform(_ action: SchedulerMachine.Action) {
        switch action {
        case .lead: lead()
        case .moveDelayed: moveDelayed()
        case .promoteRetries: promoteRetries()
        case .recur: recur()
        case .houseKeeping: keepHouse()
        case .resign: resign()
        case .becameLeader: note(.leader)
        case .lostLead: note(.lostLead)
        }
    }

    /// Whoever is asked answers the machine, on the loop; the machine asks for one thing at a time.
    func ask(_ work: @escaping @Sendable (TaskScheduler) async -> Answer) {
        // The machine waits for its answer, and a stop for the machine.
        Task(executorPreference: executor) {
            let answer = await work(self)
            self.loop.execute { self.take(answer) }
        }
    }
}
