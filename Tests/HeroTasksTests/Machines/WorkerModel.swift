// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport

@testable import HeroTasks

/// Some processes on one Redis, and everything that can happen to them in an order that a seed decides.
struct WorkerModel {
    private var random: SeededRandom
    var redis = FakeJobs()
    var rigs: [WorkerRig] = []
    /// The processes that died, with what they still had on their way.
    private var ghosts: [WorkerRig] = []
    private(set) var enqueued: [[UInt8]] = []
    private var now = 1_000_000_000
    private var processes = 0
    private var steps = 0
    private var settings: WorkerSettings
    var violations: [String] = []

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
        settings = WorkerSettings()
        settings.lease = 3_000_000_000
        settings.mostHeld = 20 + random.next(below: 40)
        for _ in 0..<3 { spawn() }
    }

    private mutating func spawn(_ fixed: [String]? = nil) {
        processes += 1
        let queues = fixed ?? [["a", "b"], ["*"], ["b,3", "a,1"], ["!c", "*"]][random.next(below: 4)]
        var rig = WorkerRig(name: "p\(processes)", settings: settings, queues: queues, seed: UInt64(processes))
        rig.take(rig.machine.begin(now: now))
        rig.take(rig.machine.resize(to: 1 + random.next(below: 6), now: now))
        rigs.append(rig)
    }

    private mutating func enqueue(_ queue: String) {
        let payload = Array("job \(enqueued.count)".utf8)
        enqueued.append(payload)
        redis.queues[queue, default: []].append(payload)
    }

    mutating func step() {
        redis.now = now / 1_000_000
        switch random.next(below: 100) {
        case ..<12: for _ in 0...random.next(below: 8) { enqueue(["a", "b", "d"][random.next(below: 3)]) }
        case ..<50: someAnswer()
        case ..<70: someEnd()
        case ..<85: pass(random.next(below: [2, 20, 200, 1500][random.next(below: 4)]) * 1_000_000)
        case ..<88: someDuplicate()
        case ..<90: reap()
        case ..<92: kill()
        case ..<93: withRig { $0.take($0.machine.resize(to: $2.next(below: 7), now: $1)) }
        case ..<94: stop()
        case ..<95: withRig { rig, now, _ in rig.take(rig.machine.woken(now: now)) }
        case ..<96: pause()
        case ..<97: failover()
        default: if !redis.retry.isEmpty { promote() }
        }
        check()
    }

    private mutating func withRig(_ body: (inout WorkerRig, Int, inout SeededRandom) -> Void) {
        guard !rigs.isEmpty else { return }
        let index = random.next(below: rigs.count)
        body(&rigs[index], now, &random)
    }

    private mutating func someAnswer() {
        let (now, fates) = (now, [WorkerRig.Fate.answered, .answered, .answered, .answered, .lostReply, .lostRequest])
        let fate = fates[random.next(below: fates.count)]
        guard let index = rigs.indices.filter({ !rigs[$0].pending.isEmpty }).randomElement(using: &random) else {
            return
        }
        let position = random.next(below: rigs[index].pending.count)
        rigs[index].answer(position, &redis, now: now, fate)
    }

    /// A request arrives once more, or one of a process that is dead.
    private mutating func someDuplicate() {
        if let turn = rigs.randomElement(using: &random)?.turns.suffix(4).randomElement(using: &random),
            let name = rigs.first(where: { $0.turns.contains(turn) })?.name
        {
            // Only those that were sent as one: the client repeats what it has not heard of.
            if rigs.first(where: { $0.name == name })?.turns.last == turn {
                if let claim = turn.claim { _ = redis.claim("\(name)~\(turn.era)", claim) }
            }
        }
        if let ghost = ghosts.randomElement(using: &random) {
            for action in ghost.pending {
                guard case .turn(let turn) = action else { continue }
                if let claim = turn.claim { _ = redis.claim(ghost.owner(turn.era), claim) }
                _ = redis.finish(ghost.owner(turn.era), turn.finish)
            }
        }
    }

    private mutating func someEnd() {
        guard let index = rigs.indices.filter({ !rigs[$0].runs.isEmpty }).randomElement(using: &random),
            let key = rigs[index].runs.keys.sorted(by: { ($0.era, $0.number) < ($1.era, $1.number) })
                .randomElement(using: &random)
        else { return }
        let outcomes: [JobOutcome] = [
            .done, .done, .done, .done, .retry(milliseconds: 5), .failed(entry: []), .requeue, .later(milliseconds: 5),
        ]
        rigs[index].finish(key, outcomes[random.next(below: outcomes.count)], now: now)
    }

    /// Every process looks at its clock in time, except for those that hang.
    private mutating func pass(_ time: Int) {
        let end = now + time
        for index in rigs.indices {
            guard random.next(below: 10) > 0 else { continue }
            var looks = 0
            while let wakeUp = rigs[index].machine.wakeUp, wakeUp < end, looks < 1000 {
                let moment = max(wakeUp, now)
                rigs[index].take(rigs[index].machine.tick(now: moment))
                looks += 1
                if rigs[index].machine.wakeUp == wakeUp { break }
            }
            if let wakeUp = rigs[index].machine.wakeUp, wakeUp < end {
                violations.append("\(rigs[index].name) wants to be woken in the past")
            }
        }
        now = end
        redis.now = now / 1_000_000
    }

    private mutating func reap() {
        for owner in redis.known.sorted() where !redis.gone.contains(owner) {
            redis.reap(owner, isProven: !rigs.contains { owner.hasPrefix($0.name + "~") })
        }
    }

    private mutating func kill() {
        guard !rigs.isEmpty else { return }
        ghosts.append(rigs.remove(at: random.next(below: rigs.count)))
        spawn()
    }

    private mutating func stop() {
        withRig { $0.take($0.machine.stop(within: $2.next(below: 3000) * 1_000_000, now: $1)) }
        for index in rigs.indices.reversed() where rigs[index].end != nil {
            let rig = rigs.remove(at: index)
            let owner = rig.owner(rig.machine.era)
            if rig.end == true, redis.isAlive(owner), !(redis.held[owner] ?? [:]).isEmpty {
                violations.append("\(rig.name) left jobs behind")
            }
            ghosts.append(rig)
            spawn()
        }
    }

    private mutating func pause() {
        redis.paused = random.next(below: 2) == 0 ? [] : ["a"]
        let paused = redis.paused
        for index in rigs.indices { rigs[index].take(rigs[index].machine.paused(paused, now: now)) }
    }

    /// A replica takes over that has not heard of some claims: their jobs are where they were.
    private mutating func failover() {
        guard let owner = redis.held.keys.sorted().randomElement(using: &random),
            let number = redis.held[owner]?.keys.sorted().last, let packed = redis.held[owner]?[number]
        else { return }
        redis.held[owner]?[number] = nil
        redis.queues[packed.queue, default: []].insert(packed.payload, at: 0)
    }

    private mutating func promote() {
        let packed = redis.retry.removeFirst()
        redis.queues[packed.queue, default: []].append(packed.payload)
    }

    private mutating func check(isWhole: Bool = false) {
        violations += redis.violations
        redis.violations = []
        for index in rigs.indices {
            violations += rigs[index].violations
            rigs[index].violations = []
            // What runs under a lease that the process believes in, Redis believes in too.
            for key in rigs[index].runs.keys where rigs[index].machine.isLeaseValid(key, now: now) {
                if !redis.isAlive(rigs[index].owner(key.era)) { violations.append("\(key) runs without a lease") }
            }
        }
        steps += 1
        guard steps % 25 == 0 || isWhole else { return }
        let found = redis.everything
        if found.count != enqueued.count || Set(found) != Set(enqueued) {
            violations.append("\(enqueued.count) were enqueued and \(found.count) are there")
        }
    }

    /// From here on everything goes well, until all jobs are done.
    mutating func calm() {
        redis.paused = []
        rigs.removeAll { $0.machine.isStopping }
        spawn(["*"])
        for index in rigs.indices { rigs[index].take(rigs[index].machine.resize(to: 4, now: now)) }
        for _ in 0..<1000 where left > 0 {
            for index in rigs.indices {
                rigs[index].settle(&redis, now: now)
                for key in rigs[index].runs.keys.sorted(by: { $0.number < $1.number }) {
                    rigs[index].finish(key, now: now)
                }
                rigs[index].settle(&redis, now: now)
            }
            while !redis.retry.isEmpty { promote() }
            reap()
            pass(100_000_000)
        }
        check(isWhole: true)
    }

    /// Jobs that neither are done nor were given up.
    var left: Int { enqueued.count - redis.done.count - redis.dead.count }
    var state: String {
        "queues \(redis.queues.mapValues(\.count)), held \(redis.held.mapValues { $0.keys.sorted() }), "
            + rigs.map { "\($0.name): \($0.machine.phase) \($0.machine.heldCount) held, \($0.runs.count) run" }
            .joined(separator: "; ")
    }
}
