// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport

@testable import HeroTasks

/// A process: a machine, and what it has asked for and has not been answered.
struct WorkerRig {
    let name: String
    var machine: WorkerMachine
    var pending: [WorkerAction] = []
    /// What runs, also under leases that are lost.
    var runs: [RunKey: HeldJob] = [:]
    var started: Set<RunKey> = []
    var cancelled: [RunKey: WorkerCancellation] = [:]
    var notes: [WorkerNote] = []
    var end: Bool?
    var turns: [WorkerTurn] = []
    var watched: [[String]] = []
    var violations: [String] = []

    init(name: String, settings: WorkerSettings = WorkerSettings(), queues: [String], seed: UInt64 = 1) {
        self.name = name
        machine = WorkerMachine(settings: settings, queues: QueueOrder(queues), seed: seed)
    }

    func owner(_ era: Int) -> String { "\(name)~\(era)" }

    mutating func take(_ actions: [WorkerAction]) {
        for action in actions {
            switch action {
            case .run(let key, _, let job):
                if !started.insert(key).inserted { violations.append("\(key) ran twice") }
                runs[key] = job
            case .cancel(let key, let reason): cancelled[key] = reason
            case .note(let note): notes.append(note)
            case .ended(let isClean): end = isClean
            case .turn(let turn):
                if pending.contains(where: { if case .turn(let other) = $0 { other.era == turn.era } else { false } }) {
                    violations.append("two turns at a time")
                }
                if turn.finish.count > 100 { violations.append("a turn with \(turn.finish.count) outcomes") }
                turns.append(turn)
                pending.append(action)
            case .watch(let names):
                watched.append(names)
            case .settle: break
            case .start, .renew, .mark, .adopt, .leave, .listQueues: pending.append(action)
            }
        }
        if machine.heldCount > machine.settings.mostHeld { violations.append("holds \(machine.heldCount)") }
    }
}

extension WorkerRig {
    enum Fate { case answered, lostRequest, lostReply }

    /// Redis gets the request, or not; the process gets the reply, or not.
    mutating func answer(_ index: Int, _ redis: inout FakeJobs, now: Int, _ fate: Fate = .answered) {
        let action = pending.remove(at: index)
        let lease = machine.settings.lease / 1_000_000
        let (arrives, isAnswered) = (fate != .lostRequest, fate == .answered)
        switch action {
        case .start(let era):
            let isOwner = arrives && redis.start(owner(era), lease: lease)
            take(
                isAnswered
                    ? machine.started(era: era, isOwner: isOwner, now: now) : machine.startFailed(era: era, now: now))
        case .renew(let era):
            let numbers = arrives ? redis.renew(owner(era), lease: lease) : nil
            guard isAnswered else { return take(machine.renewalFailed(era: era, now: now)) }
            take(numbers.map { machine.renewed(era: era, $0, now: now) } ?? machine.lost(era: era, now: now))
        case .mark(let era, let numbers):
            let isMarked = arrives && redis.mark(owner(era), numbers)
            guard isAnswered else { return take(machine.markFailed(era: era, now: now)) }
            take(isMarked ? machine.marked(era: era, now: now) : machine.lost(era: era, now: now))
        case .turn(let turn): answer(turn, &redis, now: now, fate)
        case .adopt(let era, let numbers):
            guard isAnswered else { return }
            let found = (redis.held[owner(era)] ?? [:]).filter { numbers.isEmpty || numbers.contains($0.key) }
            let jobs = found.map { HeldJob(number: $0.key, queue: $0.value.queue, payload: $0.value.payload) }
            take(machine.adopted(era: era, jobs.sorted { $0.number < $1.number }, now: now))
        case .leave(let era):
            let isEmpty = arrives && redis.leave(owner(era))
            take(
                isAnswered
                    ? machine.left(era: era, isEmpty: isEmpty, now: now) : machine.leaveFailed(era: era, now: now))
        case .listQueues:
            take(machine.listed(isAnswered ? Array(redis.queues.keys) : nil, now: now))
        case .run, .cancel, .watch, .settle, .note, .ended: break
        }
    }

    private mutating func answer(_ turn: WorkerTurn, _ redis: inout FakeJobs, now: Int, _ fate: Fate) {
        var finish = TurnReply<FinishAnswer>.none
        var claim = TurnReply<ClaimAnswer>.none
        if !turn.finish.isEmpty {
            finish = fate != .lostRequest ? redis.finish(owner(turn.era), turn.finish) : .unknown("away")
            if fate != .answered { finish = .unknown("away") }
        }
        if let order = turn.claim {
            claim = fate != .lostRequest ? redis.claim(owner(turn.era), order) : .unknown("away")
            if fate != .answered { claim = .unknown("away") }
        }
        take(machine.answered(turn: turn.id, finish: finish, claim: claim, now: now))
    }

    /// Everything is answered, until nothing more is asked.
    mutating func settle(_ redis: inout FakeJobs, now: Int) {
        redis.now = now / 1_000_000
        for _ in 0..<10_000 where !pending.isEmpty { answer(0, &redis, now: now) }
    }

    mutating func finish(_ key: RunKey, _ outcome: JobOutcome = .done, now: Int) {
        runs[key] = nil
        take(machine.ended(key, outcome, now: now))
    }
}
