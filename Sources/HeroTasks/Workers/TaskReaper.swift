// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroSystem
package import NIOCore

/// What the log is told about others that have died.
package enum ReaperNote: Sendable, Hashable {
    /// - Parameters:
    ///   - owner: Whose jobs they were.
    ///   - jobs: How many went back to their queues.
    ///   - isProven: Whether the process is known to be gone; otherwise its lease has ended.
    case recovered(owner: String, jobs: Int, isProven: Bool)
    /// Jobs that took their processes with them too often went to the dead set.
    case givenUp(owner: String, [HeldJob])
    /// So many retries went to their queues.
    case retried(Int)
    case failed(String)
}

/// Gives back what processes held that have died: does what ``ReaperMachine`` says.
///
/// Belongs to its event loop; ``start()``, ``died(pid:start:job:)`` and ``stop()`` may be called from elsewhere.
package final class TaskReaper: @unchecked Sendable {
    let store: JobStore
    let loop: any EventLoop
    let process: TaskProcess
    let allowance: CrashAllowance
    let note: @Sendable (ReaperNote) -> Void
    private let executor: LoopExecutor
    private let own: @Sendable () -> Set<String>
    private var machine: ReaperMachine
    private var timer: Scheduled<Void>?
    private var isStopped = false
    /// What the present round has found.
    private var sights: [OwnerSight] = []
    /// Calls that are under way; a stop waits for them.
    private var calls = 0
    private var ended: EventLoopPromise<Void>?

    /// - Parameters:
    ///   - store: Where jobs are.
    ///   - process: This one.
    ///   - allowance: How often a job may take its process with it.
    ///   - interval: Milliseconds between two looks.
    ///   - loop: Where all of it runs.
    ///   - own: Owners of this process, which it never reaps; called on the loop.
    ///   - note: Is told what the log should know; called on the loop.
    package init(
        _ store: JobStore, _ process: TaskProcess, allowance: CrashAllowance = CrashAllowance(),
        interval: Int = 5000, on loop: any EventLoop, own: @escaping @Sendable () -> Set<String>,
        note: @escaping @Sendable (ReaperNote) -> Void
    ) {
        (self.store, self.process, self.allowance, self.loop) = (store, process, allowance, loop)
        (self.own, self.note) = (own, note)
        executor = LoopExecutor(loop)
        let judge = ReapJudge(place: process.mark?.place ?? "", own: [])
        machine = ReaperMachine(judge: judge, now: Int(truncatingIfNeeded: loop.now.uptimeNanoseconds))
        machine.interval = interval * 1_000_000
    }

    /// Looks at once, and sweeps.
    package func start() { onLoop { $0.tick(now: $1) } }

    /// The master has seen a process of this machine end: what it held goes back at once.
    ///
    /// - Parameters:
    ///   - pid: Which.
    ///   - start: When it began, in ticks since the boot; `nil` where nobody knows, which costs one look at who has that pid.
    ///   - job: What has crashed it; `nil` when nobody knows.
    package func died(pid: Int, start: Int?, job: JobMark?) {
        guard let place = process.mark?.place else { return }
        if let start {
            let mark = ProcessMark(place: place, pid: pid, start: start)
            return onLoop { $0.died(mark, culprit: job, now: $1) }
        }
        ask { reaper in
            let records = (try? await reaper.store.owners().owners) ?? []
            let marks = records.compactMap { $0.who.flatMap { ProcessMark(who: $0) } }
            let dead = Set(marks.filter { $0.place == place && $0.pid == pid && ProcessBirth.of(pid) != .at($0.start) })
            return { machine, now in dead.flatMap { machine.died($0, culprit: job, now: now) } }
        }
    }

    /// What has begun ends; returns when it has.
    package func stop() async {
        let promise = loop.makePromise(of: Void.self)
        loop.execute {
            self.isStopped = true
            self.timer?.cancel()
            if self.calls == 0 { return promise.succeed() }
            self.ended = promise
        }
        try? await promise.futureResult.get()
    }

    // MARK: The loop

    typealias Answer = @Sendable (inout ReaperMachine, Int) -> [ReaperMachine.Action]

    private func onLoop(_ event: @escaping Answer) { loop.execute { self.take(event) } }

    private func take(_ event: Answer) {
        let actions = event(&machine, Int(truncatingIfNeeded: loop.now.uptimeNanoseconds))
        guard !isStopped else { return }
        actions.forEach(perform)
        timer?.cancel()
        guard let time = machine.wakeUp else { return }
        timer = loop.scheduleTask(deadline: NIODeadline.uptimeNanoseconds(UInt64(max(0, time)))) {
            self.take { $0.tick(now: $1) }
        }
    }

    private func perform(_ action: ReaperMachine.Action) {
        switch action {
        case .takeLock: takeLock()
        case .list(let isSweep): list(isSweep)
        case .probe(let pids): probe(pids)
        case .reap(let verdict): reap(verdict)
        case .promote: promote()
        }
    }

    /// Whoever is asked answers the machine, on the loop.
    func ask(_ work: @escaping @Sendable (TaskReaper) async -> Answer) {
        loop.execute {
            guard !self.isStopped else { return }
            self.calls += 1
            // Its end is counted, and waited for by a stop.
            Task(executorPreference: self.executor) {
                let answer = await work(self)
                self.loop.execute {
                    self.calls -= 1
                    self.take(answer)
                    if self.calls == 0 { self.ended?.succeed() }
                }
            }
        }
    }

    func see(_ owners: [OwnerSight], redisNow: Int) {
        onLoop {
            self.sights = owners
            $0.judge.own = self.own()
            return $0.listed(owners, redisNow: redisNow, now: $1)
        }
    }

    /// Files of the kernel, which nothing has to be waited for.
    private func probe(_ pids: Set<Int>) {
        var starts: [Int: Int] = [:]
        for pid in pids {
            switch ProcessBirth.of(pid) {
            case .at(let start): starts[pid] = start
            case .gone: break
            // Nothing is proven: as if it were the one that it claims to be.
            case .hidden: starts[pid] = sights.last { $0.mark?.pid == pid }?.mark?.start
            }
        }
        onLoop { [starts] in $0.probed(starts, now: $1) }
    }
}
