// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroTestSupport
import Testing

@testable import HeroCluster

@Suite("whatever happens in whatever order")
struct RandomSequenceTests {
    @Test(
        "as many workers serve as are wanted in the end, each deploy ends, each client gets one answer",
        arguments: 1...12)
    func keepsItsPromises(seed: UInt64) throws {
        var chaos = Chaos(seed: seed)
        for _ in 0..<2000 { try chaos.step() }
        chaos.calm()
        #expect(chaos.rig.machine.deploy == nil)
        #expect(chaos.rig.machine.queued == nil)
        #expect(chaos.rig.machine.serving.count == chaos.rig.machine.expected)
        #expect(Set(chaos.rig.servingGenerations).count <= 1, "one generation serves in the end")
        #expect(chaos.unanswered == [])
    }

    @Test("the cluster stops when it is told to, from whatever state it is in", arguments: 100...140)
    func stopsFromAnyState(seed: UInt64) throws {
        var chaos = Chaos(seed: seed)
        for _ in 0..<Int(seed * 7 % 300) { try chaos.step() }
        chaos.rig.signal([.terminate, .interrupt, .quit][Int(seed % 3)])
        guard chaos.rig.exitCode == nil else { return }
        // Other wishes come too late.
        for signal in ClusterSignal.allCases where ![.terminate, .interrupt, .quit].contains(signal) {
            #expect(chaos.rig.signal(signal).spawned == [])
        }
        let late = chaos.rig.ask(.reload(wait: true, force: true))
        #expect(chaos.rig.answer(late)?.isSuccess == false)
        chaos.rig.live(60_000)
        #expect(chaos.rig.exitCode == 0)
        #expect(chaos.rig.alive == [])
        #expect(chaos.unanswered == [])
    }
}

/// Everything that can happen, in an order that a seed decides.
struct Chaos {
    private(set) var random: SeededRandom
    var rig: Rig
    private var asked: Set<Int> = []
    private var gone: Set<Int> = []

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
        var settings = ClusterSettings()
        settings.workerMemoryLimit = 500
        settings.probation.errorRate = 20
        rig = Rig(workers: 1 + random.next(below: 4), settings: settings)
        rig.send(.start)
        rig.run()
    }

    var unanswered: [Int] { asked.subtracting(gone).filter { rig.replies[$0]?.count != 1 }.sorted() }

    private mutating func pick<T>(_ choices: [T]) -> T { choices[random.next(below: choices.count)] }

    mutating func step() throws {
        // The program is executed before anything else happens.
        if let position = rig.pending.firstIndex(where: { if case .handOver = $0 { true } else { false } }) {
            rig.pending.remove(at: position)
            handOver()
        }
        switch random.next(below: 100) {
        case ..<35: worldStep()
        case ..<50: workerMisfortune()
        case ..<75: passTime()
        case ..<80:
            rig.signal(pick([.user2, .hangUp, .increase, .decrease, .windowChange, .user1]))
        case ..<86: command()
        case ..<92: changeDisk()
        case ..<94: if let client = asked.sorted().randomElement(using: &random) { leave(client) }
        case ..<96: rig.signal(.upgrade)
        default: rig.replaceMachine(by: try Invariants.checkRoundTrip(rig.machine, now: rig.now))
        }
    }

    /// Somebody does what is expected, or says that it cannot.
    private mutating func worldStep() {
        guard !rig.pending.isEmpty else { return }
        let position = random.next(below: rig.pending.count)
        rig.pending.swapAt(0, position)
        switch rig.pending[0] {
        case .upgradeCheck where random.next(below: 3) == 0:
            rig.pending.removeFirst()
            rig.send(.upgradeChecked(["it is too old"]))
        default: rig.step()
        }
    }

    private mutating func handOver() {
        guard random.next(below: 2) == 0 else {
            rig.send(.handOverFailed("no such file"))
            return
        }
        // Clients of the old executable see the end of their connection; its checks are nobody's.
        gone.formUnion(unanswered)
        rig.pending.removeAll { $0.serial == nil }
        rig.send(.resumed)
    }

    private mutating func workerMisfortune() {
        guard let serial = rig.alive.sorted().randomElement(using: &random) else { return }
        switch random.next(below: 12) {
        case 0: rig.crash(serial)
        case 1: rig.end(serial, .exit(78))
        case 2: rig.end(serial, .exit(1), lines: ["no database"])
        case 3: rig.end(serial, .signal(pick([2, 9, 11, 15])))
        case 4: rig.end(serial, .exit(0))
        case 5: rig.mute.insert(serial)
        case 6: rig.send(.worker(serial: serial, .stopping))
        case 7: rig.send(.worker(serial: serial, .progress("initializer `database` has not returned from start")))
        case 8: rig.send(.worker(serial: serial, .starting))
        case 9:
            rig.send(.worker(serial: serial, .started(WorkerDescription(loopThread: 0, actions: []))))
        case 10: rig.send(.worker(serial: serial, .draining(3)))
        default: rig.send(.worker(serial: 99_999, .pong))
        }
    }

    private mutating func passTime() {
        rig.counters = [:]
        for serial in rig.alive.sorted() {
            var counters = WorkerCounters()
            counters.requests = random.next(below: 300)
            counters.errors5xx = random.next(below: 8) == 0 ? counters.requests / 2 : 0
            counters.residentMegabytes = random.next(below: 40) == 0 ? 900 : 100
            rig.counters[serial] = counters
        }
        rig.pass(random.next(below: pick([10, 1000, 5000, 70_000])))
    }

    private mutating func command() {
        let commands: [ControlCommand] = [
            .status, .reload(wait: true, force: random.next(below: 4) == 0), .reload(wait: false, force: false),
            .rollback, .scale(random.next(below: 6)), .release("crash"), .upgrade, .wait,
        ]
        asked.insert(rig.ask(pick(commands)))
    }

    private mutating func changeDisk() {
        rig.disk = 1 + random.next(below: 8)
        rig.refusal = random.next(below: 4) == 0 ? ["HB101 actions/x.so: it is truncated"] : nil
    }

    private mutating func leave(_ client: Int) {
        asked.remove(client)
        rig.send(.clientGone(client))
    }

    /// From here on, everybody does what is expected.
    mutating func calm() {
        rig.mute = []
        rig.counters = [:]
        rig.refusal = nil
        for _ in 0..<40 {
            rig.live(5000)
            if rig.pending.contains(where: { if case .handOver = $0 { true } else { false } }) { rig.pending = [] }
        }
        // Places whose workers refused their generation wait for the next deploy.
        asked.insert(rig.ask(.reload(wait: true, force: true)))
        rig.live(10_000)
        rig.ask(.scale(3))
        rig.live(70_000)
    }
}
