// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroSystem
import Testing

@testable import HeroCluster

/// A machine with a clock and workers that exist only on paper.
///
/// What must hold at every moment is checked after every event.
struct Rig {
    /// What somebody is about to do.
    enum Pending {
        case spawn(Int)
        case stop(Int)
        case kill(Int)
        case check
        case upgradeCheck
        case handOver
    }

    private(set) var machine: ClusterMachine
    private(set) var now = 1_000_000
    /// Everything that the machine wanted so far.
    private(set) var log: [String] = []
    private(set) var replies: [Int: [ControlReply]] = [:]
    private(set) var notes: [SystemdState] = []
    private(set) var exitCode: Int32?
    private(set) var alive: Set<Int> = []
    var pending: [Pending] = []

    /// What is on disk: the number of its generation, or what is wrong with it.
    var disk = 1
    /// What it is; otherwise each number is a content of its own.
    var content: String?
    var refusal: [String]?
    var losses: [String] = []
    /// Actions of workers that become ready.
    var actions = ["hello@1", "crash@1"]
    /// What the next master is to know.
    private(set) var memory = ClusterMemory()
    var settings: ClusterSettings
    /// Workers that do not answer.
    var mute: Set<Int> = []
    var counters: [Int: WorkerCounters] = [:]

    init(
        workers: Int = 2, settings: ClusterSettings = ClusterSettings(), stopTimeout: Int = 30_000,
        memory: ClusterMemory = ClusterMemory()
    ) {
        self.settings = settings
        machine = ClusterMachine(
            settings: settings, workers: workers, stopTimeout: stopTimeout, memory: memory)
    }

    /// A cluster in which everything is as it should be.
    static func steady(workers: Int = 2, settings: ClusterSettings = ClusterSettings()) -> Rig {
        var rig = Rig(workers: workers, settings: settings)
        rig.send(.start)
        rig.run()
        return rig
    }

    static func generation(_ number: Int, content: String? = nil) -> GenerationID {
        GenerationID(number: number, root: "/app", content: content ?? "of \(number)")
    }

    // MARK: Events

    @discardableResult
    mutating func send(_ event: ClusterEvent, sourceLocation: SourceLocation = #_sourceLocation) -> Doings {
        let before = machine
        let doings = Doings(machine.handle(event, now: now))
        if case .exited(let serial, _) = event { alive.remove(serial) }
        take(doings, sourceLocation)
        Invariants.check(before, event, machine, sourceLocation)
        return doings
    }

    private mutating func take(_ doings: Doings, _ location: SourceLocation) {
        for action in doings.actions {
            switch action {
            case .log(let level, let text): log.append("\(level): \(text)")
            case .spawn(let serial, _, _):
                alive.insert(serial)
                pending.append(.spawn(serial))
            case .send(let serial, let message):
                #expect(alive.contains(serial), "a message for a worker that is gone", sourceLocation: location)
                if case .stop = message { pending.append(.stop(serial)) }
            case .kill(let serial):
                #expect(alive.contains(serial), "a kill of a worker that is gone", sourceLocation: location)
                pending.append(.kill(serial))
            case .abort(let serial):
                #expect(alive.contains(serial), "an abort of a worker that is gone", sourceLocation: location)
            case .check: pending.append(.check)
            case .checkUpgrade: pending.append(.upgradeCheck)
            case .handOver: pending.append(.handOver)
            case .reply(let client, let reply): replies[client, default: []].append(reply)
            case .notify(let state): notes.append(state)
            case .exit(let code): exitCode = code
            case .abandon(let serial):
                alive.remove(serial)
                pending.removeAll { $0.serial == serial }
            case .endCheck: pending.removeAll { if case .check = $0 { true } else { false } }
            case .endUpgradeCheck: pending.removeAll { if case .upgradeCheck = $0 { true } else { false } }
            case .remember(let memory): self.memory = memory
            case .reopenLogs, .retire: break
            }
        }
    }

    @discardableResult
    mutating func signal(_ signal: ClusterSignal) -> Doings { send(.signal(signal)) }

    /// - Returns: The number of the client that asked.
    @discardableResult
    mutating func ask(_ command: ControlCommand) -> Int {
        nextClient += 1
        send(.control(client: nextClient, command))
        return nextClient
    }
    private var nextClient = 0

    /// The answer that comes at once.
    mutating func reply(to command: ControlCommand) -> ControlReply? {
        let client = ask(command)
        return answer(client)
    }

    /// The one answer to a client.
    func answer(_ client: Int) -> ControlReply? {
        replies[client].flatMap { $0.count == 1 ? $0[0] : nil }
    }

    /// Takes the place of the machine, as a new executable does.
    mutating func replaceMachine(by other: ClusterMachine) { machine = other }

    // MARK: What workers do

    mutating func becomeReady(_ serial: Int) {
        send(.spawned(serial: serial, pid: Int32(1000 + serial)))
        send(.worker(serial: serial, .starting))
        let description = WorkerDescription(loopThread: 1, actions: actions)
        send(.worker(serial: serial, .started(description)))
    }

    @discardableResult
    mutating func end(
        _ serial: Int, _ cause: WorkerEnd.Cause, report: CrashReport? = nil, lines: [String] = [],
        executing: [String] = [], isOutOfMemory: Bool = false, job: JobMark? = nil
    )
        -> Doings
    {
        pending.removeAll { $0.serial == serial }
        var end = WorkerEnd(cause: cause, report: report, lastLines: lines)
        (end.running, end.inFlight) = (executing, executing)
        (end.isOutOfMemory, end.job) = (isOutOfMemory, job)
        return send(.exited(serial: serial, end))
    }

    @discardableResult
    mutating func crash(_ serial: Int, in action: String = "crash@1") -> Doings {
        let report = CrashReport(message: "Fatal error: boom", lines: ["0 boom"], running: [action], inFlight: [action])
        return end(serial, .signal(4), report: report)
    }

    mutating func checked() {
        pending.removeAll { if case .check = $0 { true } else { false } }
        if let refusal {
            send(.checked(.refused(refusal, exitCode: 78)))
        } else {
            let generation = Self.generation(disk, content: content)
            send(.checked(.accepted(generation, settings, keeping: 5, warnings: [], losses: losses)))
        }
    }

    /// Does one thing that is pending, as it should be.
    mutating func step() {
        guard !pending.isEmpty else { return }
        switch pending.removeFirst() {
        case .spawn(let serial): if alive.contains(serial) { becomeReady(serial) }
        case .stop(let serial):
            guard alive.contains(serial) else { return }
            send(.worker(serial: serial, .stopping))
            send(.worker(serial: serial, .stopped))
            end(serial, .exit(0))
        case .kill(let serial): if alive.contains(serial) { end(serial, .signal(9)) }
        case .check: checked()
        case .upgradeCheck: send(.upgradeChecked([]))
        case .handOver: break
        }
    }

    /// Lets everybody do what is expected, until nothing is left to do.
    mutating func run() {
        var steps = 0
        while !pending.isEmpty, steps < 10_000 {
            step()
            steps += 1
        }
        #expect(steps < 10_000, "it never comes to rest")
    }

    /// Lets time pass; workers answer pings unless they are mute.
    mutating func pass(_ milliseconds: Int) {
        let end = now + milliseconds
        while machine.nextDeadline <= end, exitCode == nil {
            now = max(machine.nextDeadline, now)
            tick()
            #expect(machine.nextDeadline > now, "a tick that is due again at once")
        }
        now = end
    }

    /// Lets time pass in which nobody runs, the master included.
    mutating func skip(_ milliseconds: Int) { now += milliseconds }

    mutating func tick() {
        for serial in send(.tick(counters)).pinged where !mute.contains(serial) && alive.contains(serial) {
            send(.worker(serial: serial, .pong))
        }
    }

    /// Lets time pass in which everybody does what is expected.
    mutating func live(_ milliseconds: Int) {
        for _ in 0..<max(milliseconds / 250, 1) {
            run()
            pass(250)
        }
    }

    // MARK: Views

    var state: String { machine.state }
    var servingIDs: [Int] { machine.serving.map(\.id).sorted() }
    var servingGenerations: [Int] { machine.serving.map(\.generation.number).sorted() }

    func serial(ofWorker id: Int) -> Int { machine.workers.first { $0.id == id }?.serial ?? -1 }
    var newest: Int { machine.workers.map(\.serial).max() ?? -1 }
}

extension Rig.Pending {
    var serial: Int? {
        switch self {
        case .spawn(let serial), .stop(let serial), .kill(let serial): serial
        case .check, .upgradeCheck, .handOver: nil
        }
    }
}

/// What the machine wants after one event.
struct Doings {
    let actions: [ClusterAction]

    init(_ actions: [ClusterAction]) { self.actions = actions }

    var log: [String] { actions.compactMap { if case .log(_, let text) = $0 { text } else { nil } } }
    var spawned: [Int] { actions.compactMap { if case .spawn(let serial, _, _) = $0 { serial } else { nil } } }
    var spawnedIDs: [Int] { actions.compactMap { if case .spawn(_, let id, _) = $0 { id } else { nil } } }
    var killed: [Int] { actions.compactMap { if case .kill(let serial) = $0 { serial } else { nil } } }
    var aborted: [Int] { actions.compactMap { if case .abort(let serial) = $0 { serial } else { nil } } }
    var checks: Int { actions.count { if case .check = $0 { true } else { false } } }
    var notes: [SystemdState] { actions.compactMap { if case .notify(let state) = $0 { state } else { nil } } }
    var retired: [(keeping: [Int], listening: [Int])] {
        actions.compactMap {
            if case .retire(let keeping, let listening) = $0 {
                (keeping.map(\.number), listening.map(\.number))
            } else {
                nil
            }
        }
    }
    var pinged: [Int] { sent { $0 == .ping } }
    var stopped: [Int] { sent { if case .stop = $0 { true } else { false } } }
    var served: [Int] { sent { if case .serve = $0 { true } else { false } } }

    func sent(_ isWanted: (MasterMessage) -> Bool) -> [Int] {
        actions.compactMap { if case .send(let serial, let message) = $0, isWanted(message) { serial } else { nil } }
    }
}
