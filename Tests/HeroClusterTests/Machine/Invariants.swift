// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Testing

@testable import HeroCluster

/// What holds after every event, whatever happens.
enum Invariants {
    static func check(
        _ before: ClusterMachine, _ event: ClusterEvent, _ after: ClusterMachine, _ location: SourceLocation
    ) {
        let ids = after.workers.map(\.id)
        #expect(Set(ids).count == ids.count, "two workers of one number: \(ids)", sourceLocation: location)
        #expect(
            after.active.count { $0.isCandidate && $0.phase != .serving } <= 1, "two candidates",
            sourceLocation: location)
        #expect(isBounded(after), "something grows without bound", sourceLocation: location)
        guard after.stop == nil else { return }
        // The machine itself never takes what is needed out of service.
        let left = before.serving.count { $0.serial != lost(event) && !$0.isKilled }
        #expect(
            after.serving.count >= min(left, after.expected),
            "\(left) workers served, \(after.serving.count) are left of \(after.expected)", sourceLocation: location)
    }

    /// The worker that the event itself takes out of service.
    private static func lost(_ event: ClusterEvent) -> Int? {
        switch event {
        case .exited(let serial, _), .worker(let serial, .stopping), .signalledItself(let serial, _, _): serial
        default: nil
        }
    }

    private static func isBounded(_ machine: ClusterMachine) -> Bool {
        machine.vacancies.count <= 130 && machine.history.count <= machine.historyLimit
            && machine.rolledBack.count <= RolledBack.limit && machine.crashTimes.count <= 8 * 130
            && machine.actions.isEmpty && (machine.probation?.crashes.count ?? 0) < 16
            && machine.expected <= ClusterLimits.workers && machine.expected >= 0
    }

    /// A new executable goes on as this one would: the machine survives its hand-over.
    static func checkRoundTrip(_ machine: ClusterMachine, now: Int) throws -> ClusterMachine {
        let text = try JSON(machine).description
        var copy: ClusterMachine = try JSON(parsing: Array(text.utf8)).decode(ClusterMachine.self)
        var original = machine
        for event in [ClusterEvent.tick([:]), .signal(.user2), .signal(.increase), .signal(.terminate)] {
            let (one, other) = (original.handle(event, now: now), copy.handle(event, now: now))
            #expect(String(describing: one) == String(describing: other))
        }
        return try JSON(parsing: Array(text.utf8)).decode(ClusterMachine.self)
    }
}
