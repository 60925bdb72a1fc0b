// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport
import Testing

@testable import HeroTasks

@Suite("the scheduler's machine")
struct SchedulerMachineTests {
    private static let second = 1_000_000_000

    @Test("leads, moves what is due, looks at recurrent tasks, and rests until the next look")
    func round() {
        var machine = SchedulerMachine(interval: 5 * Self.second, now: 0)
        #expect(machine.tick(now: 0) == [.lead])
        #expect(machine.led(true, now: 0) == [.becameLeader, .moveDelayed])
        #expect(machine.moved(isMore: true, lag: 1500, now: 0) == [.moveDelayed])
        #expect(machine.lag == 1500)
        #expect(machine.moved(isMore: false, lag: nil, now: 0) == [.promoteRetries])
        #expect(machine.moved(isMore: false, lag: nil, now: 0) == [.recur])
        #expect(machine.stepDone(now: 0) == [.houseKeeping])
        #expect(machine.stepDone(now: 0) == [])
        #expect(machine.wakeUp == 5 * Self.second)
        #expect(machine.tick(now: Self.second) == [])
        #expect(machine.tick(now: 5 * Self.second) == [.lead])
        #expect(machine.led(true, now: 5 * Self.second) == [.moveDelayed])
    }

    @Test("does nothing while another one leads, and says so when it lost the lead")
    func follower() {
        var machine = SchedulerMachine(interval: Self.second, now: 0)
        _ = machine.tick(now: 0)
        #expect(machine.led(false, now: 0) == [])
        #expect(!machine.isLeader && machine.lag == nil)
        _ = machine.tick(now: Self.second)
        _ = machine.led(true, now: Self.second)
        _ = machine.failed(now: Self.second)
        _ = machine.tick(now: 2 * Self.second)
        #expect(machine.led(false, now: 2 * Self.second) == [.lostLead])
    }

    @Test("renews its lead in the middle of much work")
    func longRound() {
        var machine = SchedulerMachine(interval: Self.second, now: 0)
        _ = machine.tick(now: 0)
        _ = machine.led(true, now: 0)
        #expect(machine.moved(isMore: true, lag: 1, now: 31 * Self.second) == [.lead])
        #expect(machine.led(true, now: 31 * Self.second) == [.moveDelayed])
    }

    @Test("without Redis for longer than its lock lasts it no longer leads")
    func away() {
        var machine = SchedulerMachine(interval: Self.second, now: 0)
        _ = machine.tick(now: 0)
        _ = machine.led(true, now: 0)
        #expect(machine.failed(now: 10 * Self.second) == [])
        #expect(machine.isLeader)
        _ = machine.tick(now: 181 * Self.second)
        #expect(machine.failed(now: 181 * Self.second) == [.lostLead])
        #expect(!machine.isLeader)
    }

    @Test("gives its lead back when it stops, after the step that is under way", arguments: 1...30)
    func stops(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var machine = SchedulerMachine(interval: Self.second, now: 0)
        var now = 0
        var pending: [SchedulerMachine.Action] = []
        var (leads, resigns) = (0, 0)
        func take(_ actions: [SchedulerMachine.Action]) {
            for action in actions {
                switch action {
                case .becameLeader: leads += 1
                case .lostLead: leads -= 1
                case .resign:
                    resigns += 1
                    pending.append(action)
                case .lead, .moveDelayed, .promoteRetries, .recur, .houseKeeping: pending.append(action)
                }
            }
            #expect(pending.count <= 1, "one step at a time")
        }
        for step in 0..<500 {
            now += random.next(below: 2) * Self.second
            take(machine.tick(now: now))
            if step == 300 { take(machine.stop(now: now)) }
            guard !pending.isEmpty else { continue }
            let action = pending.removeFirst()
            guard random.next(below: 10) > 0 else {
                take(machine.failed(now: now))
                continue
            }
            switch action {
            case .lead: take(machine.led(random.next(below: 4) > 0, now: now))
            case .moveDelayed, .promoteRetries:
                take(machine.moved(isMore: random.next(below: 2) == 0, lag: nil, now: now))
            case .recur, .houseKeeping, .resign: take(machine.stepDone(now: now))
            case .becameLeader, .lostLead: break
            }
        }
        #expect(machine.hasEnded && pending.isEmpty)
        #expect(resigns <= 1 && (0...1).contains(leads))
    }
}
