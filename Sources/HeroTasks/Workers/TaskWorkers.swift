// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroRedis
internal import HeroSystem
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
    var machine: WorkerMachine
    /// Names of this process' owners by their eras: the present one, and those before it as long as something of them runs.
    private(set) var owners: [Int: String] = [:]
    /// By era; ended leases are set to `false` where jobs of any thread look.
    private var leases: [Int: LeaseFlag] = [:]
    private var tasks: [RunKey: Task<Void, Never>] = [:]
    private var timer: Scheduled<Void>?
    private var timerTime = Int.max
    private let ended: EventLoopPromise<Bool>

    /// - Parameters:
    ///   - store: Where jobs are.
    ///   - runner: Who runs them.
    ///   - machine: As new.
    ///   - identity: Which process this is.
    ///   - loop: Where all of it runs.
    ///   - note: Is told what the log should know; called on the loop.
    package init(
        _ store: JobStore, _ runner: any JobRunner, machine: WorkerMachine, identity: Identity, on loop: any EventLoop,
        note: @escaping @Sendable (WorkerNote) -> Void
    ) {
        (self.store, self.runner, self.machine, self.identity) = (store, runner, machine, identity)
        (self.loop, self.note) = (loop, note)
        executor = LoopExecutor(loop)
        ended = loop.makePromise()
    }

    package func start() { onLoop { $0.machine.begin(now: $1) } }
    package func resize(to slots: Int) { onLoop { $0.machine.resize(to: slots, now: $1) } }

    /// Takes nothing new, gives back what has not started, and waits for what runs.
    ///
    /// - Parameter milliseconds: What runs has before it is told to end; it has a second more to do so.
    /// - Returns: Whether nothing was left to a reaper.
    package func stop(within milliseconds: Int) async -> Bool {
        onLoop { $0.machine.stop(within: milliseconds * 1_000_000, now: $1) }
        return (try? await ended.futureResult.get()) ?? false
    }

    var now: Int { Int(truncatingIfNeeded: loop.now.uptimeNanoseconds) }

    func owner(_ era: Int) -> String { owners[era] ?? "" }

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
        for action in actions {
            switch action {
            case .start(let era): begin(era)
            case .renew(let era): renew(era)
            case .turn(let turn): send(turn)
            case .mark(let era, let running): mark(era, running)
            case .run(let key, let slot, let job): run(key, slot, job)
            case .cancel(let key, let reason):
                if reason == .leaseLost { leases[key.era]?.end() }
                tasks[key]?.cancel()
            case .adopt(let era, let numbers): adopt(era, Set(numbers))
            case .leave(let era): leave(era)
            case .listQueues: listQueues()
            // Nobody watches yet: the machine polls.
            case .watch: break
            case .settle(let batches): settle(batches)
            case .note(let note): self.note(note)
            case .ended(let isClean):
                leases.values.forEach { $0.end() }
                ended.succeed(isClean)
            }
        }
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
        }
        start(era)
    }

    // MARK: Runs

    private func run(_ key: RunKey, _ slot: Int, _ job: HeldJob) {
        let flag = leases[key.era] ?? LeaseFlag()
        let run = JobRun(
            job: job, owner: owner(key.era), worker: "\(identity.name)+\(slot)", isLeaseValid: { flag.isValid })
        // Its end is an event of the machine, which a stop waits for.
        tasks[key] = Task(executorPreference: executor) { [runner, store] in
            let end = await Self.run(run, runner, store)
            self.onLoop { workers, now in
                workers.tasks[key] = nil
                return workers.machine.ended(key, end.outcome, member: end.member, now: now)
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
        case .expired: return JobEnd(.expired)
        case .notHeld, .lost: return JobEnd(.requeue)
        }
    }
}

/// Whether a lease holds, where jobs of any thread look.
final class LeaseFlag: Sendable {
    private let flag = Atomic<Bool>(true)

    var isValid: Bool { flag.load(ordering: .acquiring) }
    func end() { flag.store(false, ordering: .releasing) }
}
