// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("workers that their own code ends", .timeLimit(.minutes(10)))
struct OwnEndTests {
    /// Actions that end their worker, each in its way.
    private static let ways = [
        "quit_now": "exit(0)", "leave_now": "_exit(0)", "ask_itself": "kill(getpid(), SIGTERM)",
        "kill_itself": "kill(getpid(), SIGKILL)", "raise_itself": "raise(SIGKILL)", "kill_group": "killpg(0, SIGTERM)",
    ]

    private func project(_ name: String) async throws -> TestProject {
        let project = try await ClusterBundles.shared.value.project()
        // Afterwards it waits, so that it is in the middle of something when the signal has done its work.
        let body = "static int end(void) { \(Self.ways[name] ?? ""); for (;;) pause(); return 1; }"
        try await CBundle.compile(
            "#include <signal.h>\n#include <stdlib.h>\n#include <unistd.h>\n\(body)\n" + CBundle.action(name, "end()"),
            to: "actions/\(name).so", in: project)
        try await CBundle.stamp("actions/\(name).so", in: project)
        return project
    }

    @Test("count as crashes of the action that did it, which is taken out of service", arguments: ways.keys.sorted())
    func quarantine(name: String) async throws {
        let cluster = try await RunningCluster.start(
            workers: 1, project: try await project(name),
            settings: ["cluster.quarantine.crashes=2", "cluster.quarantine.window=3600000"],
            environment: ["ACTIONHERO_SHUTDOWN_TIMEOUT": "500"])
        for _ in 0..<2 {
            let mark = cluster.mark
            _ = try? await cluster.request("/api/\(name)")
            try await cluster.master.line(containing: "which nobody had asked for", after: mark)
            try await cluster.status { !$0.quarantine.isEmpty || $0.workers.map(\.state) == ["serving"] }
        }
        let status = try await cluster.status { status in
            !status.quarantine.isEmpty && status.workers.contains { $0.state == "serving" }
        }
        #expect(status.quarantine == ["\(name)@1"])
        #expect(try await cluster.request("/api/\(name)").status == 503)
        #expect(try await cluster.stop() == 0)
    }

    @Test("bring back the generation before it", arguments: ["ask_itself", "kill_itself"])
    func probation(name: String) async throws {
        let project = try await project(name)
        let bundle = try project.bytes("actions/\(name).so")
        try project.remove("actions/\(name).so")
        let cluster = try await RunningCluster.start(
            workers: 1, project: project,
            settings: ["cluster.probation.duration=3600000", "cluster.probation.crashes=1"],
            environment: ["ACTIONHERO_SHUTDOWN_TIMEOUT": "500"])
        try cluster.put(bundle, at: "actions/\(name).so")
        try await cluster.deploy()
        let mark = cluster.mark
        _ = try? await cluster.request("/api/\(name)")
        try await cluster.master.line(containing: "back on generation 1 (HB401)", after: mark)
        try await cluster.equilibrium(after: mark)
        #expect(try await cluster.request("/api/\(name)").status == 404)
        #expect(try await cluster.stop() == 0)
    }

    @Test("signals from outside are nobody's fault", arguments: [SIGTERM, SIGKILL])
    func outside(signal: Int32) async throws {
        let cluster = try await RunningCluster.start(
            workers: 1, settings: ["cluster.quarantine.crashes=1", "cluster.probation.duration=3600000"])
        let mark = cluster.mark
        kill(try #require(try await cluster.workers.first), signal)
        try await cluster.equilibrium(after: mark)
        #expect(!cluster.master.lines.contains { $0.contains("which nobody had asked for") })
        #expect(try await cluster.status().quarantine == [])
        #expect(try await cluster.stop() == 0)
    }
}
