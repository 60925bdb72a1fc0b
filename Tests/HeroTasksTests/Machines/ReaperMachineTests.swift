// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroSystem
import HeroTestSupport
import Testing

@testable import HeroTasks

@Suite("the reaper's machine")
struct ReaperMachineTests {
    private static let second = 1_000_000_000
    private let own = ProcessMark(place: "boot ns", pid: 1, start: 10)

    private func machine() -> ReaperMachine {
        ReaperMachine(judge: ReapJudge(place: "boot ns", own: ["h:1~a"]), now: 0)
    }

    private func sight(
        _ owner: String, _ deadline: Int?, _ mark: ProcessMark? = nil, isGone: Bool = false
    ) -> OwnerSight {
        OwnerSight(owner: owner, deadline: deadline, mark: mark, isGone: isGone)
    }

    @Test("an owner is dead when its lease has ended, or when its process is gone here or is another one")
    func verdicts() {
        let judge = ReapJudge(place: "boot ns", own: ["h:1~a"])
        let owners = [
            sight("h:1~a", 0, own),
            sight("h:2~a", 99, ProcessMark(place: "boot ns", pid: 2, start: 20)),
            sight("h:3~a", 200, ProcessMark(place: "boot ns", pid: 3, start: 30)),
            sight("h:4~a", 200, ProcessMark(place: "boot ns", pid: 4, start: 40)),
            sight("h:5~a", 200, ProcessMark(place: "boot ns", pid: 5, start: 50)),
            // A container under the same name, and a host that was started again.
            sight("h:6~a", 200, ProcessMark(place: "boot other", pid: 6, start: 60)),
            sight("h:7~a", nil, ProcessMark(place: "boot ns", pid: 7, start: 70)),
            sight("h:8~a", 50, nil, isGone: true),
            sight("h:9~a", 200, nil),
        ]
        #expect(judge.pids(owners, now: 100) == [3, 4, 5])
        let verdicts = judge.verdicts(owners, now: 100, starts: [3: 30, 4: 41], isSweep: false)
        #expect(verdicts.map(\.owner) == ["h:2~a", "h:4~a", "h:5~a"])
        #expect(verdicts.map(\.isProven) == [false, true, true])
        let sweep = judge.verdicts(owners, now: 100, starts: [3: 30, 4: 40, 5: 50], isSweep: true)
        #expect(sweep.map(\.owner) == ["h:2~a", "h:7~a"])
    }

    @Test("workers of a dead owner stay when another owner has the same host and pid")
    func namesakes() {
        let judge = ReapJudge(place: "boot ns", own: [])
        let verdicts = judge.verdicts(
            [sight("h:1~a", 1), sight("h:1~b", 200), sight("h:2~a", 1)], now: 100, starts: [:], isSweep: false)
        #expect(verdicts.map(\.workerPrefix) == [nil, "h:2+"])
    }

    @Test("goes from the lock to the last owner, each until nothing of it is left")
    func round() {
        var machine = machine()
        #expect(machine.tick(now: 0) == [.takeLock])
        #expect(machine.tick(now: 0) == [])
        #expect(machine.locked(true, now: 0) == [.promote, .list(isSweep: true)])
        let mark = ProcessMark(place: "boot ns", pid: 2, start: 20)
        #expect(machine.listed([sight("h:2~a", 200, mark), sight("h:3~a", 1)], redisNow: 100, now: 0) == [.probe([2])])
        let proven = ReapVerdict(owner: "h:2~a", isProven: true, workerPrefix: "h:2+")
        let expired = ReapVerdict(owner: "h:3~a", isProven: false, workerPrefix: "h:3+")
        #expect(machine.probed([:], now: 0) == [.reap(proven)])
        #expect(machine.reaped(left: 20, now: 0) == [.reap(proven)])
        #expect(machine.reaped(left: 0, now: 0) == [.reap(expired)])
        // It has come back to life.
        #expect(machine.reaped(left: nil, now: 0) == [])
        #expect(machine.wakeUp == 5 * Self.second)
        _ = machine.tick(now: 5 * Self.second)
        #expect(machine.locked(true, now: 5 * Self.second) == [.promote, .list(isSweep: false)])
    }

    @Test("a death that the master has seen is acted on at once, and names the job that did it")
    func death() {
        var machine = machine()
        _ = machine.tick(now: 0)
        _ = machine.locked(false, now: 0)
        let mark = ProcessMark(place: "boot ns", pid: 2, start: 20)
        #expect(machine.died(mark, culprit: JobMark(owner: "h:2~a", number: 7), now: 1) == [.list(isSweep: false)])
        let owners = [sight("h:2~a", 200, mark), sight("h:2~b", 50, mark)]
        #expect(machine.listed(owners, redisNow: 100, now: 1) == [.probe([2])])
        // The pid is used again already.
        #expect(
            machine.probed([2: 20], now: 1) == [
                .reap(ReapVerdict(owner: "h:2~a", isProven: true, culprit: 7, workerPrefix: "h:2+"))
            ])
        // What its owner before held has no part in it, whatever its numbers are.
        #expect(
            machine.reaped(left: 0, now: 1) == [
                .reap(ReapVerdict(owner: "h:2~b", isProven: true, culprit: 0, workerPrefix: "h:2+"))
            ])
    }

    @Test("whatever fails, it looks again after a while", arguments: 1...20)
    func random(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var machine = machine()
        var now = 0
        var pending: [ReaperMachine.Action] = []
        var rounds = 0
        for _ in 0..<1000 {
            now += random.next(below: 2) * Self.second
            if random.next(below: 20) == 0 {
                pending += machine.died(ProcessMark(place: "boot ns", pid: 9, start: 9), culprit: nil, now: now)
            }
            pending += machine.tick(now: now)
            pending.removeAll { $0 == .promote }
            #expect(pending.count <= 1, "one step at a time")
            guard let action = pending.popLast() else { continue }
            guard random.next(below: 6) > 0 else {
                pending += machine.failed(now: now)
                continue
            }
            switch action {
            case .takeLock: pending += machine.locked(random.next(below: 3) > 0, now: now)
            case .list:
                rounds += 1
                let owners = (0..<random.next(below: 5)).map {
                    sight("h:\($0)~x", random.next(below: 200), ProcessMark(place: "boot ns", pid: $0, start: 1))
                }
                pending += machine.listed(owners, redisNow: 100, now: now)
            case .probe: pending += machine.probed([:], now: now)
            case .reap: pending += machine.reaped(left: random.next(below: 3) == 0 ? 50 : 0, now: now)
            case .promote: break
            }
        }
        #expect(rounds > 10)
        #expect(machine.wakeUp != nil || !pending.isEmpty)
    }
}
