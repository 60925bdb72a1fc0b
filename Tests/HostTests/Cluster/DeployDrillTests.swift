// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("deploys that take too much", .timeLimit(.minutes(10)))
struct DeployDrillTests {
    /// A bundle that takes memory when it is loaded or when its action runs, and keeps it.
    private static func greedy(
        _ megabytes: Int, whenLoaded: Bool, in project: TestProject
    ) async throws {
        let attribute = whenLoaded ? "__attribute__((constructor)) " : ""
        try await CBundle.compile(
            """
            #include <stdio.h>
            #include <stdlib.h>
            #include <string.h>
            \(attribute)static int eat(void) {
                char *memory = malloc(\(megabytes)ul << 20);
                if (memory == NULL) { fputs("greedy: there is no memory\\n", stderr); abort(); }
                memset(memory, 1, \(megabytes)ul << 20);
                return memory[12345];
            }

            """ + CBundle.action("greedy", whenLoaded ? "1" : "eat()"), to: "actions/greedy.so", in: project)
        try await CBundle.stamp("actions/greedy.so", in: project)
    }

    @Test("a candidate has no more memory than general.bundles.candidateMemory, and what serves goes on")
    func candidateMemory() async throws {
        let cluster = try await RunningCluster.start(
            workers: 1, settings: ["general.bundles.candidateMemory=536870912"], environment: ["LOG_LEVEL": "info"])
        try await Self.greedy(1024, whenLoaded: true, in: cluster.project)
        let refused = try await cluster.command("reload", "--wait")
        #expect(refused.code == 1 && refused.error.contains("deploy rejected: the worker "), "\(refused)")
        try await cluster.master.line(containing: "greedy: there is no memory")
        #expect(try await cluster.version() == ClusterBundles.variant(0))
        try cluster.project.remove("actions/greedy.so")
        try await cluster.deploy()
        #expect(try await cluster.stop() == 0)
    }

    @Test("what is ready may take more than a candidate: the limit ends with the start")
    func serving() async throws {
        let project = try await ClusterBundles.shared.value.project()
        try await Self.greedy(700, whenLoaded: false, in: project)
        let cluster = try await RunningCluster.start(
            workers: 1, project: project, settings: ["general.bundles.candidateMemory=536870912"])
        #expect(try await cluster.request("/api/greedy").status == 200)
        #expect(try await cluster.stop() == 0)
    }

    @Test("a generation whose workers outgrow cluster.workerMemoryLimit is rolled back")
    func memoryLimit() async throws {
        let cluster = try await RunningCluster.start(
            workers: 1,
            settings: [
                "cluster.workerMemoryLimit=300", "cluster.probation.duration=3600000", "cluster.probation.crashes=1",
            ])
        try await Self.greedy(400, whenLoaded: false, in: cluster.project)
        try await cluster.deploy()
        let mark = cluster.mark
        #expect(try await cluster.request("/api/greedy").status == 200)
        try await cluster.master.line(containing: "more than its 300 MB; it is replaced", after: mark)
        try await cluster.equilibrium(following: "back on generation 1 (HB401)", after: mark)
        #expect(try await cluster.request("/api/greedy").status == 404)
        let again = try await cluster.command("reload", "--wait")
        #expect(again.code == 1 && again.error.contains("was rolled back before"), "\(again)")
        #expect(try await cluster.stop() == 0)
    }

    @Test("a process that checks and that somebody has stopped is ended when its time is over")
    func stoppedChecker() async throws {
        let cluster = try await RunningCluster.start(workers: 1, settings: ["general.bundles.checkTimeout=10000"])
        let workers = ProcessTable.children(of: cluster.master.identifier)
        // It waits for this until it has been stopped.
        let lock = open(cluster.project.path("tmp/generations/lock"), O_RDWR | O_CLOEXEC)
        #expect(flock(lock, LOCK_EX | LOCK_NB) == 0)
        async let reload = cluster.command("reload", "--wait")
        var checker: Int32?
        while checker == nil {
            checker = ProcessTable.children(of: cluster.master.identifier).first { !workers.contains($0) }
        }
        kill(try #require(checker), SIGSTOP)
        close(lock)
        let refused = try await reload
        #expect(refused.code == 1 && refused.error.contains("was not checked after 10 s"), "\(refused)")
        try await ProcessTable.waitForEnd(of: try #require(checker))
        #expect(try await cluster.command("reload", "--wait").code == 0)
        #expect(try await cluster.stop() == 0)
    }

    @Test("bundles whose note was changed at random are refused or fit, and no reader of them crashes")
    func mutatedNotes() async throws {
        let project = try TestProject()
        let good = try await ClusterBundles.shared.value.version(1)
        let name = try #require(good.range(of: Data("ActionHero\0".utf8), options: .backwards))
        let note = max(name.lowerBound - 12, 0)..<min(name.lowerBound + 500, good.count)
        var random = SeededRandom(seed: 7)
        for number in 0..<40 {
            var bytes = good
            for _ in 0...random.next(below: 4) {
                bytes[note.lowerBound + random.next(below: note.count)] = UInt8(random.next(below: 256))
            }
            try project.write(bytes, to: "actions/version\(number).so")
        }
        for command in ["check", "inspect"] {
            for number in 0..<40 {
                let read = try await project.hero("bundle", command, "actions/version\(number).so")
                #expect(read.code >= 0 && read.code < 128, "\(command) of change \(number): \(read)")
            }
        }
    }
}
