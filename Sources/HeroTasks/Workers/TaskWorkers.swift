// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroRedis
package import HeroSystem
package import NIOCore
internal import Synchronization

/// The workers of one process: does what their machine says.
///
/// Belongs to its event loop, where all of it runs; only ``start()``, ``stop(within:)`` and ``resize(to:)`` may be called
/// from elsewhere.
package final class TaskWorkers: @unchecked Sendable {
    package struct Identity: Sendable {
        /// `<host>:<pid>`, with which names of workers and owners begin.
        package var name: String
        /// JSON for `owners`: what a reaper has to know.
        package var who: [UInt8]

        package init(name: String, who: [UInt8]) { (self.name, self.who) = (name, who) }
    }

    let store: JobStore
    let runner: any JobRunner
    let loop: any EventLoop
    let executor: LoopExecutor
    let identity: Identity
    let note: @Sendable (WorkerNote) -> Void
    /// Where the master reads which job runs.
    private let board: BoardSlot?
    var machine: WorkerMachine
    /// Names of this process' owners by their eras: the present one, and those before it as long as something of them runs.
    private(set) var owners: [Int: String] = [:]
    /// By era; ended leases are set to `false` where jobs of any thread look.
    private var leases: [Int: LeaseFlag] = [:]
    private var tasks: [RunKey: Task<Void, Never>] = [:]
    private var timer: Scheduled<Void>?
    private var timerTime = Int.max
    let ended: EventLoopPromise<Bool>
    private(set) var hasEnded = false
    private(set) var endedCleanly = false
    private var idle: IdleWatch?
    private var news: QueueNews?

    // What others see, in TaskWorkers+Records.swift.
    var book = WorkerBook()
    var bookQueues = ""
    var isWriting = false
    var recordTimer: Scheduled<Void>?
    var pingTimer: Scheduled<Void>?
    /// Milliseconds between two pings.
    let pingInterval: Int

    /// - Parameters:
    ///   - store: Where jobs are.
    ///   - runner: Who runs them.
    ///   - machine: As new.
    ///   - identity: Which process this is.
    ///   - loop: Where all of it runs.
    ///   - pingInterval: Milliseconds after which workers say again that they are there.
    ///   - board: Where the master reads which job runs.
    ///   - note: Is told what the log should know; called on the loop.
    package init(
        _ store: JobStore, _ runner: any JobRunner, machine: WorkerMachine, identity: Identity, on loop: any EventLoop,
        pingInterval: Int = 5000, board: BoardSlot? = nil, note: @escaping @Sendable (WorkerNote) -> Void
    ) {
        self.board = board
        (self.store, self.runner, self.machine, self.identity) = (store, runner, machine, identity)
        (self.loop, self.note, self.pingInterval) = (loop, note, max(1, pingInterval))
        executor = LoopExecutor(loop)
        ended = loop.makePromise()
    }

    package func start() {
        onLoop { workers, now in
            workers.bookQueues = workers.machine.queues.text
            workers.ping()
            workers.listen()
            return workers.machine.begin(now: now)
        }
    }

    package func resize(to slots: Int) {
        onLoop { workers, now in
            workers.noteRecords()
            return workers.machine.resize(to: slots, now: now)
        }
    }

    /// Takes nothing new, gives back what has not started, and waits for what runs.
    ///
    /// - Parameter milliseconds: What runs has before it is told to end; it has a second more to do so.
    /// - Returns: Whether nothing was left to a reaper.
    package func stop(within milliseconds: Int) async -> Bool {
        onLoop {
            let actions = $0.machine.stop(within: milliseconds * 1_000_000, now: $1)
            Failpoint.reach("stop.waiting", self.store.client)
            return actions
        }
        return (try? await ended.futureResult.get()) ?? false
    }

    var now: Int { Int(truncatingIfNeeded: loop.now.uptimeNanoseconds) }

    func owner(_ era: Int) -> String { owners[era] ?? "" }

    /// The owner that a reaper of this process must not touch; on the loop.
    package var ownOwners: Set<String> { Set(owners[machine.era].map { [$0] } ?? []) }

    /// Gives the machine an event on the loop, and does what follows.
    func onLoop(_ event: @escaping @Sendable (TaskWorkers, Int) -> [WorkerAction]) {
        loop.execute {
            self.perform(event(self, self.now))
            self.setTimer()
        }
    }

    private func setTimer() {
        let time = machine.wakeUp ?? .max
        // A timer that comes too early does no harm, and most wake-ups only move away.
        guard time < timerTime else { return }
        timer?.cancel()
        timerTime = time
        timer = loop.scheduleTask(deadline: NIODeadline.uptimeNanoseconds(UInt64(max(0, time)))) {
            self.timerTime = .max
            self.perform(self.machine.tick(now: self.now))
            self.setTimer()
        }
    }

    private func perform(_ actions: [WorkerAction]) {
        if let deadline = machine.leaseDeadline { leases[machine.era]?.lasts(until: deadline) }
        for action in actions {
            switch action {
            case .start(let era): begin(era)
            case .renew(let era): renew(era)
            case .turn(let turn): send(turn)
            case .mark(let era, let running): mark(era, running)
            case .run(let key, let slot, let job):
                Failpoint.reach("claim.answered", store.client)
                run(key, slot, job)
                Failpoint.reach("claim.started", store.client)
            case .cancel(let key, let reason):
                if reason == .leaseLost { leases[key.era]?.end() }
                tasks[key]?.cancel()
                if reason == .stopping { Failpoint.reach("stop.cancelled", store.client) }
            case .adopt(let era, let numbers): adopt(era, Set(numbers))
            case .leave(let era):
                Failpoint.reach("stop.leaving", store.client)
                leave(era)
            case .listQueues: listQueues()
            case .watch(let queues): watch(queues)
            case .settle(let batches): settle(batches)
            case .note(let note):
                // Also of those that had been told to end for another reason; the next owner's flag does not exist yet.
                if case .leaseLost = note { leases.values.forEach { $0.end() } }
                self.note(note)
            case .ended(let isClean):
                leases.values.forEach { $0.end() }
                (hasEnded, endedCleanly) = (true, isClean)
                idle?.end(owner: owner(machine.era))
                news?.end()
                clearRecords()
            }
        }
    }

    /// Who works on all queues wants to hear of new ones.
    func listen() {
        guard machine.queues.hasAll, !hasEnded else { return }
        let news =
            news
            ?? QueueNews(store, executor, on: loop) { [weak self] in
                self?.onLoop { $0.machine.heardOfQueue(now: $1) }
            }
        self.news = news
        news.listen()
    }

    private func watch(_ queues: [String]) {
        let idle =
            idle
            ?? IdleWatch(store, executor, on: loop) { [weak self] event in
                switch event {
                case .watching(let isWatching):
                    guard let self else { return }
                    machine.watching(isWatching, now: now)
                    setTimer()
                case .woken: self?.onLoop { $0.machine.woken(now: $1) }
                case .unwatched: self?.onLoop { $0.machine.unwatched(now: $1) }
                }
            }
        self.idle = idle
        idle.watch(queues, owner: owner(machine.era))
    }

    // MARK: Owners

    private func begin(_ era: Int) {
        if owners[era] == nil {
            for (old, flag) in leases where old != era { flag.end() }
            let inUse = Set(tasks.keys.map(\.era))
            owners = owners.filter { inUse.contains($0.key) }
            leases = leases.filter { inUse.contains($0.key) }
            owners[era] = "\(identity.name)~\(UInt64.random(in: 0 ... .max))"
            leases[era] = LeaseFlag()
            // After a Redis that was emptied, nobody sees the workers any more.
            book.forget()
            noteRecords()
        }
        start(era)
    }

    // MARK: Runs

    private func run(_ key: RunKey, _ slot: Int, _ job: HeldJob) {
        noteRecords()
        let flag = leases[key.era] ?? LeaseFlag()
        var run = JobRun(
            job: job, owner: owner(key.era), worker: "\(identity.name)+\(slot)", isLeaseValid: { flag.isValid })
        var executor: any TaskExecutor = executor
        if let board {
            let noting = JobExecutor(loop, board, JobMark(owner: run.owner, number: job.number))
            (executor, run.executor) = (noting, noting)
        }
        // Its end is an event of the machine, which a stop waits for.
        tasks[key] = Task(executorPreference: executor) { [runner, store] in
            Failpoint.reach(run.job.counters.isSuspect ? "suspect.began" : "run.began", store.client)
            let end = await Self.run(run, runner, store)
            Failpoint.reach("run.returned", store.client)
            self.onLoop { workers, now in
                workers.tasks[key] = nil
                workers.book.ended(slot, end.outcome)
                workers.noteRecords()
                let actions = workers.machine.ended(key, end.outcome, member: end.member, now: now)
                Failpoint.reach("finish.waiting", store.client)
                return actions
            }
        }
    }

    private static func run(_ run: JobRun, _ runner: any JobRunner, _ store: JobStore) async -> JobEnd {
        guard let (task, limits) = runner.limits(of: run.job), !limits.isEmpty else { return await runner.run(run) }
        let number = run.job.number
        let answer: AdmitAnswer
        do throws(RedisError) { answer = try await store.admit(run.owner, number, of: task, limits) } catch {
            return JobEnd(.requeue)
        }
        switch answer {
        case .yes:
            let end = await runner.run(run)
            // Counted out in any case; a process that dies is counted out with its lease.
            if limits.atATime != nil { try? await store.release(run.owner, number, of: task) }
            return end
        case .wait(let milliseconds): return JobEnd(.later(milliseconds: milliseconds ?? 1000))
        case .expired:
            return JobEnd(.expired, member: (try? JobPayload(reading: run.job.payload))?.tag.member)
        case .notHeld, .lost: return JobEnd(.requeue)
        }
    }
}
