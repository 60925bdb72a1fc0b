// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

/// One after the other: each of them keeps every core busy.
@Suite("a cluster under load", .serialized)
struct ClusterUnderLoadTests {
    /// What a master has that could leak.
    private struct Footprint {
        let descriptors: Int
        let children: Int
        let generations: Int
        let residentKilobytes: Int

        init(_ cluster: RunningCluster) {
            descriptors = ProcessTable.descriptors(of: cluster.master.identifier)
            children = ProcessTable.children(of: cluster.master.identifier).count
            generations = cluster.project.list("tmp/generations").filter { Int($0) != nil }.count
            residentKilobytes = ProcessTable.residentKilobytes(of: cluster.master.identifier)
        }
    }

    @Test("200 deploys: no request fails, the new code answers after each, and nothing is left of the old ones")
    func manyDeploys() async throws {
        let cluster = try await RunningCluster.start(workers: 2)
        let load = cluster.load()
        await load.answers(500)
        // The first ones fill what is kept on purpose: generations, the allocator's pools.
        for number in 1...20 { try await deploy(number, cluster) }
        let before = Footprint(cluster)
        for number in 21...200 { try await deploy(number, cluster) }
        let after = Footprint(cluster)
        let report = await load.stop()
        #expect(report.failures.isEmpty, "\(report.failures.prefix(5))")
        for pattern in ["closed loop", "paced", "fresh", "slow", "post"] {
            #expect(report.answers[pattern, default: 0] > 0, "\(report.answers)")
        }
        #expect(after.descriptors == before.descriptors)
        #expect(after.children == before.children)
        #expect(after.generations == before.generations)
        // Pages of the allocator come and go; a leak of one kilobyte per deploy would already be more than this.
        #expect(after.residentKilobytes - before.residentKilobytes < 180)
        #expect(cluster.project.list("tmp/generations/store").count <= 7 + 2 * after.generations)
        #expect(try await cluster.stop() == 0)
    }

    private func deploy(_ number: Int, _ cluster: RunningCluster) async throws {
        try await cluster.putVersion(number)
        try await cluster.deploy()
        #expect(try await cluster.version() == ClusterBundles.variant(number))
    }

    @Test("every fifth deploy is bad in another way: none of them takes a request with it, and each says why")
    func badDeploys() async throws {
        let cluster = try await RunningCluster.start(
            workers: 2, settings: ["cluster.readyTimeout=10000", "cluster.probation.duration=60000"])
        let load = cluster.load()
        var number = 0
        for bad in BadDeploy.allCases {
            for _ in 0..<4 {
                number += 1
                try await deploy(number, cluster)
            }
            let files = try await ClusterBundles.shared.value.files(bad)
            let kept = files.keys.map { ($0, try? cluster.project.bytes($0)) }
            for (path, bytes) in files { try cluster.put(bytes, at: path) }
            let mark = cluster.mark
            if bad == .crashesOnRequest {
                try await crashUntilRolledBack(cluster)
            } else {
                let reload = try await cluster.command("reload", "--wait")
                #expect(reload.code == 1 && reload.error.contains(bad.reason), "\(bad): \(reload)")
                try await cluster.equilibrium(following: "the new generation was refused", after: mark)
            }
            let status = try await cluster.status()
            #expect(status.lastRejection.joined(separator: "\n").contains(bad.reason), "\(bad): \(status)")
            #expect(cluster.master.lines.dropFirst(mark).contains { $0.contains(bad.reason) })
            #expect(try await cluster.version() == ClusterBundles.variant(number))
            for (path, bytes) in kept {
                if let bytes { try cluster.put(bytes, at: path) } else { try cluster.project.remove(path) }
            }
        }
        let report = await load.stop()
        let crashed = Self.crashed(cluster)
        #expect(crashed.count >= 3)
        let failures = report.failures.filter { !Self.isExcused($0, by: crashed) }
        #expect(failures.isEmpty, "\(failures.prefix(5))")
        #expect(try await cluster.stop() == 0)
    }

    /// Calls an action that kills its worker until the generation that brought it is gone again.
    private func crashUntilRolledBack(_ cluster: RunningCluster) async throws {
        let mark = cluster.mark
        async let reload = cluster.command("reload", "--wait")
        try await cluster.equilibrium(after: mark)
        while try await cluster.status().state == "probation" { _ = try? await cluster.request("/api/probe") }
        let finished = try await reload
        #expect(finished.code == 1 && finished.error.contains("deploy rolled back: "), "\(finished)")
        try await cluster.equilibrium(following: "(HB401)", after: mark)
        #expect(try await cluster.request("/api/probe").text.contains("the probe is good"))
    }

    /// Workers that the log says have crashed.
    static func crashed(_ cluster: RunningCluster) -> Set<Int32> {
        let lines = cluster.master.lines.filter { $0.contains("]: uncaught exception => ") }
        return Set(
            lines.compactMap { line in
                line.split(separator: "(").dropFirst().first.flatMap { Int32($0.prefix { $0.isNumber }) }
            })
    }

    /// Whether a request was with a worker when that ended.
    ///
    /// A connection without an answer has no worker that is known here; it must at least have been accepted.
    static func isExcused(_ failure: LoadFailure, by ended: Set<Int32>) -> Bool {
        guard failure.kind == .unanswered || failure.kind == .truncated || failure.kind == .unclean else {
            return false
        }
        return failure.pid.map { ended.contains($0) } ?? (failure.kind == .unanswered)
    }
}

// Files and processes that are damaged while they are used.
extension ClusterUnderLoadTests {
    @Test("copying over a loaded bundle in place, and truncating it, does nothing to any worker")
    func overwritten() async throws {
        let cluster = try await RunningCluster.start(workers: 2)
        let workers = try await cluster.workers
        let load = cluster.load()
        await load.answers(200)
        for number in 1...20 {
            let path = cluster.project.path("actions/version.so")
            try await ClusterBundles.shared.value.version(number).write(to: URL(fileURLWithPath: path))
            await load.answers(50)
            #expect(truncate(path, off_t(number * 100)) == 0)
            await load.answers(50)
        }
        let report = await load.stop()
        #expect(report.failures.isEmpty, "\(report.failures.prefix(5))")
        #expect(try await cluster.version() == ClusterBundles.variant(0))
        #expect(try await cluster.workers == workers)
        #expect(try await cluster.stop() == 0)
    }

    @Test("killed workers take only the requests with them that they had, and are replaced")
    func killedWorkers() async throws {
        let cluster = try await RunningCluster.start(workers: 4)
        let load = cluster.load()
        await load.answers(200)
        var killed: Set<Int32> = []
        var random = SeededRandom(seed: 7)
        for _ in 0..<10 {
            let serving = try await cluster.status { $0.workers.contains { $0.state == "serving" } }.workers
            let victim = serving.filter { $0.state == "serving" }[
                random.next(below: serving.filter { $0.state == "serving" }.count)]
            killed.insert(victim.pid)
            kill(victim.pid, SIGKILL)
            try await cluster.status { status in !status.workers.contains { $0.pid == victim.pid } }
            await load.answers(200)
        }
        try await cluster.status { $0.workers.count == 4 && $0.workers.allSatisfy { $0.state == "serving" } }
        let report = await load.stop()
        #expect(killed.count == 10)
        let failures = report.failures.filter { !Self.isExcused($0, by: killed) }
        #expect(failures.isEmpty, "\(failures.prefix(5))")
        // Each connection has at most one request under way.
        #expect(report.failures.count <= 10 * 96)
        #expect(try await cluster.stop() == 0)
    }

    @Test("an action that crashes its worker is taken out of service after so many crashes, and nothing else suffers")
    func quarantine() async throws {
        let cluster = try await RunningCluster.start(workers: 2, settings: ["cluster.quarantine.crashes=3"])
        let load = cluster.load()
        await load.answers(200)
        var answer: HTTPResponse?
        while answer == nil { answer = try? await cluster.request("/api/crash") }
        #expect(answer?.status == 503)
        #expect(answer?.text.contains("crash") == true, "\(answer?.text ?? "")")
        #expect(try await cluster.status().quarantine == ["crash@1"])
        try await cluster.master.line(containing: "the action crash@1 has crashed 3 workers and answers 503")
        // One more may be on its way while the third one is noticed.
        #expect((3...4).contains(Self.crashed(cluster).count))
        try await cluster.status { $0.workers.count == 2 && $0.workers.allSatisfy { $0.state == "serving" } }
        // Every worker knows, also those that have come since.
        for _ in 0..<50 { #expect(try await cluster.request("/api/crash").status == 503) }
        await load.answers(200)
        let report = await load.stop()
        let failures = report.failures.filter { !Self.isExcused($0, by: Self.crashed(cluster)) }
        #expect(failures.isEmpty, "\(failures.prefix(5))")

        #expect(try await cluster.command("release", "other").code == 1)
        #expect(try await cluster.command("release", "crash").code == 0)
        try await cluster.status { $0.quarantine.isEmpty }
        let mark = cluster.mark
        while (try? await cluster.request("/api/crash"))?.status == 503 {}
        try await cluster.master.line(containing: "uncaught exception => ", after: mark)
        #expect(try await cluster.stop() == 0)
    }

    @Test("a deploy gives an action in quarantine another chance")
    func quarantineEnds() async throws {
        let cluster = try await RunningCluster.start(workers: 2, settings: ["cluster.quarantine.crashes=1"])
        while (try? await cluster.request("/api/crash"))?.status != 503 {}
        #expect(try await cluster.status().quarantine == ["crash@1"])
        try await cluster.status { $0.workers.count == 2 && $0.workers.allSatisfy { $0.state == "serving" } }
        #expect(try await cluster.command("reload", "--wait").code == 0)
        #expect(try await cluster.status().quarantine.isEmpty)
        #expect((try? await cluster.request("/api/crash")) == nil)
        #expect(try await cluster.stop() == 0)
    }

    @Test("upgrade replaces the executable without losing a request; one that cannot start changes nothing")
    func upgrade() async throws {
        let project = try await ClusterBundles.shared.value.project()
        let tree = try InstalledTree(in: project)
        let hero = try Data(contentsOf: URL(fileURLWithPath: Stage.hero))
        try await tree.install(hero)
        let cluster = try await RunningCluster.start(workers: 2, project: project, executable: tree.executable)
        let load = cluster.load()
        await load.answers(200)
        let old = try await cluster.workers
        for broken in [Data("#!/bin/sh\necho not today >&2\nexit 1\n".utf8), hero.prefix(hero.count / 3)] {
            try await tree.install(broken)
            let refused = try await cluster.command("upgrade")
            #expect(refused.code == 1 && refused.error.contains("upgrade refused"), "\(refused)")
            #expect(try await cluster.workers == old)
        }
        let isScriptQuoted = cluster.master.lines.contains { $0.contains("not today") }
        #expect(isScriptQuoted)
        for number in 1...3 {
            try await tree.install(hero)
            try await cluster.putVersion(number)
            let mark = cluster.mark
            let upgraded = try await cluster.command("upgrade")
            #expect(upgraded.code == 0, "\(upgraded)")
            try await cluster.master.line(containing: "the new executable has taken over", after: mark)
            try await cluster.equilibrium(after: mark)
            #expect(try await cluster.version() == ClusterBundles.variant(number))
            let program = try FileManager.default.destinationOfSymbolicLink(
                atPath: "/proc/\(cluster.master.identifier)/exe")
            #expect(program.hasSuffix("/installed/bin/hero"), "the file that was replaced would be called deleted")
        }
        // The new one hears signals and deploys like any other.
        try await deploy(4, cluster)
        let report = await load.stop()
        #expect(report.failures.isEmpty, "\(report.failures.prefix(5))")
        #expect(try await cluster.stop() == 0)
    }
}
