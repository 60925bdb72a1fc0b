// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Foundation
import HeroTestSupport
import Testing

@testable import HeroCluster

@Suite("what one executable of the master hands to the next")
struct HandOverTests {
    private static let directory = "\(Stage.repository)/Tests/HeroClusterTests/HandOvers"

    /// Hand-overs of all released versions, in their order.
    private static func released() throws -> [(name: String, state: JSON)] {
        try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.hasSuffix(".json") }.sorted().map {
            name in
            (name, try JSON(parsing: String(contentsOfFile: "\(directory)/\(name)", encoding: .utf8)))
        }
    }

    /// A cluster in whose life as much as possible has happened.
    private static func eventfulState() throws -> JSON {
        var settings = ClusterSettings()
        (settings.workers, settings.checkTimeout, settings.quarantine.crashes) = (3, 1000, 2)
        var rig = Rig.steady(workers: 3, settings: settings)
        rig.live(70_000)
        rig.disk = 2
        rig.ask(.reload(wait: true, force: false))
        rig.run()
        for _ in 0..<3 {
            rig.pass(4000)
            if let serial = rig.machine.serving.first?.serial { rig.crash(serial, in: "crash@1") }
            if rig.state == "probation" { rig.live(1500) }
        }
        rig.run()
        rig.live(70_000)
        for _ in 0..<3 {
            if let serial = rig.machine.serving.last?.serial { rig.crash(serial, in: "crash@1") }
        }
        rig.disk = 3
        rig.ask(.reload(wait: true, force: true))
        rig.checked()
        while case .candidate = rig.machine.deploy { rig.step() }
        rig.ask(.wait)
        var listener = ClusterPlan.Listener(name: "web")
        (listener.host, listener.port, listener.path, listener.mode, listener.group) = ("::", 8080, "/run/x", 0o600, 0)
        var plan = ClusterPlan(
            generation: 1, content: "c", listeners: [listener], settings: settings, keepGenerations: 5, warnings: ["w"])
        (plan.pidDirectory, plan.configurationFiles) = ("/app/pids", 7)
        let handOver = HandOver(
            machine: rig.machine,
            children: [
                HandOver.ChildRecord(
                    pid: 10, serial: 1, slot: 0, channel: 5, output: 6, errors: 7,
                    description: WorkerDescription(loopThread: 10, actions: ["hello@1"]), pidFile: "/app/pids/w1")
            ], sockets: [HandOver.Socket(listener: listener, descriptor: 8, activatedAs: "web")],
            activated: [ActivatedSocket(name: "other", descriptor: 9)],
            plans: [HandOver.Plan(generation: Rig.generation(1), plan: plan)], lock: 3, lockPath: "/app/pids/p",
            control: 4, controlPath: "/app/tmp/c", board: 11, foreign: [99])
        return try JSON(handOver)
    }

    @Test("what the versions before have handed over is read without a loss")
    func readsAll() throws {
        let released = try Self.released()
        #expect(!released.isEmpty)
        for (name, state) in released {
            #expect(throws: Never.self, "\(name)") { try UpgradeCheck.check(state) }
        }
    }

    @Test("who changes what is written raises the format, and keeps a file of it")
    func today() throws {
        let state = try Self.eventfulState()
        if ProcessInfo.processInfo.environment["HERO_UPDATE_GOLDEN"] == "1" {
            try state.text(indent: 1).write(
                toFile: "\(Self.directory)/\(SDK.version).json", atomically: true, encoding: .utf8)
        }
        let (name, last) = try #require(try Self.released().last)
        let (old, new) = (UpgradeCheck.members(of: last), UpgradeCheck.members(of: state))
        let changes = old.symmetricDifference(new).sorted()
        #expect(
            changes.isEmpty,
            """
            \(changes) are not as in \(name): raise HandOver.format, and keep a file of the new one \
            (HERO_UPDATE_GOLDEN=1); the former one stays, because its executables will be replaced by this one
            """)
        #expect(last["format"]?.intValue == HandOver.format, "\(name)")
    }

    @Test("a member that this executable would forget, or a later format, is refused with its name")
    func losses() throws {
        let state = try Self.eventfulState()
        try UpgradeCheck.check(state)
        func refusal(_ change: (inout JSON.Object) -> Void) throws -> String {
            var object = try #require(state.objectValue)
            change(&object)
            let failure = #expect(throws: MasterFailure.self) { try UpgradeCheck.check(.object(object)) }
            return failure?.description ?? ""
        }
        #expect(try refusal { $0["novelty"] = ["deep": 1] }.contains("does not know novelty, novelty.deep, which"))
        #expect(try refusal { $0["format"] = .integer(HandOver.format + 1) }.contains("hands over format"))
        #expect(try refusal { $0["lockPath"] = nil }.contains("cannot be read"))
        let inside = try refusal { object in
            guard var machine = object["machine"]?.objectValue else { return }
            machine["hoard"] = [1]
            object["machine"] = .object(machine)
        }
        #expect(inside.contains("machine.hoard"))
        // `null` and what is missing are the same to it.
        var absent = try #require(state.objectValue)
        absent["novelty"] = .null
        try UpgradeCheck.check(.object(absent))
    }
}
