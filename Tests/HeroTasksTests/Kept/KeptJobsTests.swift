// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroRedis
import HeroTestSupport
import Synchronization
import Testing

@testable import HeroTasks

@Suite("jobs that wait for Redis")
struct KeptJobsTests {
    /// Redis, which can be away.
    private final class Gate: Sendable {
        private let state = Mutex((isOpen: false, sent: [String]()))
        struct Away: Error {}

        func open(_ isOpen: Bool = true) { state.withLock { $0.isOpen = isOpen } }
        var sent: [String] { state.withLock { $0.sent } }
        func take(_ job: KeptJob) throws {
            try state.withLock { state in
                guard state.isOpen else { throw Away() }
                state.sent.append(job.task)
            }
        }
    }

    private let project: TestProject
    private let gate = Gate()
    private var directory: String { project.path("data/jobs") }

    init() throws { project = try TestProject() }

    private func jobs(_ names: String..., unique: String = "") throws -> [KeptJob] {
        try names.map { name in
            let text =
                #"{"task":"\#(name)","queue":"q","since":0,"inputs":{"n":1},"unique":["kept:\#(unique)\#(name)",60000]}"#
            return try #require(KeptJob(bytes: Array(text.utf8)))
        }
    }

    private func keeper(_ name: String = "one", limit: Int = 100_000) -> KeptJobs {
        let gate = gate
        return KeptJobs(
            KeptJobs.Place(directory: directory, projectRoot: project.root, name: name, limit: limit),
            send: { try gate.take($0) }, note: { _ in })
    }

    private func sent(_ count: Int) async throws -> [String] {
        while gate.sent.count < count { try await Task.sleep(for: .milliseconds(2)) }
        return gate.sent
    }

    @Test("go there in their order when it is back, and the file goes with the process")
    func order() async throws {
        let keeper = keeper()
        try await keeper.keep(try jobs("a", "b"), because: "away")
        try await keeper.keep(try jobs("c"), because: "away")
        #expect(keeper.count == 3)
        gate.open()
        #expect(try await sent(3) == ["a", "b", "c"])
        while keeper.count > 0 { await Task.yield() }
        try await keeper.keep(try jobs("d"), because: "away")
        #expect(try await sent(4).last == "d")
        await keeper.stop()
        #expect(project.list("data/jobs").isEmpty)
    }

    @Test("are refused when there is no room, with the reason, and all of a call or none")
    func full() async throws {
        let keeper = keeper(limit: 250)
        try await keeper.keep(try jobs("a", "b"), because: "away")
        let error = await #expect(throws: CannotKeep.self) { try await keeper.keep(try jobs("c", "d"), because: "") }
        #expect(error?.description.contains("2 jobs wait there already, and tasks.keepLimit is 250 bytes") == true)
        #expect(keeper.count == 2)
        await keeper.stop()
    }

    @Test("survive the end of their process at any byte of what it wrote, and the next one goes on in the same file")
    func cut() async throws {
        let one = keeper()
        try await one.keep(try jobs("a", "b", "c"), because: "away")
        await one.stop()
        let path = "\(directory)/one.jobs"
        let bytes = try Array(Data(contentsOf: URL(fileURLWithPath: path)))
        for count in stride(from: 0, through: bytes.count, by: 7) {
            try Data(bytes.prefix(count)).write(to: URL(fileURLWithPath: path))
            let expected = KeptLog.read(Array(bytes.prefix(count))).jobs.count
            gate.open(false)
            let next = keeper()
            await next.start()
            #expect(next.count == expected)
            try await next.keep(try jobs("z"), because: "away")
            let before = gate.sent.count
            gate.open()
            #expect(
                Array(try await sent(before + expected + 1).dropFirst(before)) == ["a", "b", "c"].prefix(expected) + [
                    "z"
                ])
            await next.stop()
        }
    }

    @Test("of processes that have died are taken over by one of the others, and those of the living by none")
    func takenOver() async throws {
        let names = ["one", "two", "three"]
        let dead = names.map { keeper($0) }
        for (keeper, name) in zip(dead, names) {
            try await keeper.keep(try jobs("\(name) a", "\(name) b"), because: "away")
        }
        let others = (0..<4).map { keeper("other \($0)") }
        for other in others { await other.start() }
        #expect(others.allSatisfy { $0.count == 0 })
        // Their locks end with them.
        for keeper in dead { await keeper.stop() }
        gate.open()
        let next = (0..<4).map { keeper("next \($0)") }
        await withTaskGroup(of: Void.self) { group in
            for keeper in next { group.addTask { await keeper.start() } }
        }
        let all = try await sent(6)
        for keeper in next + others { await keeper.stop() }
        #expect(gate.sent.count == 6 && Set(all).count == 6, "\(gate.sent)")
        for name in names { #expect(all.filter { $0.hasPrefix(name) } == ["\(name) a", "\(name) b"]) }
        #expect(project.list("data/jobs").isEmpty)
    }

    @Test("two processes of the same name do not share a file")
    func sameName() async throws {
        let (one, other) = (keeper(), keeper())
        try await one.keep(try jobs("a"), because: "away")
        try await other.keep(try jobs("b"), because: "away")
        #expect(project.list("data/jobs").sorted() == ["one-2.jobs", "one.jobs"])
        gate.open()
        #expect(Set(try await sent(2)) == ["a", "b"])
        await one.stop()
        await other.stop()
    }

    @Test("are there once although they are sent twice, as after a crash between the push and the note about it")
    func repeated() async throws {
        try await JobFixture.with { fixture in
            let jobs = try jobs("a", "b") + [try #require(KeptJob(bytes: Array(Self.delayed.utf8)))]
            for _ in 0..<2 { for job in jobs { _ = try await job.send(fixture.api) } }
            #expect(try await fixture.queue("q").count == 2)
            #expect(try await fixture.redis("ZCARD", fixture.keys.schedule).integer == 1)
            #expect(try await fixture.redis("LLEN", fixture.keys.delayed(4_000_000_000)).integer == 1)
        }
    }

    private static let delayed =
        #"{"task":"t","queue":"q","since":0,"at":4000000000000,"inputs":{},"unique":["kept:x",60000]}"#

    @Test("are written as they were, with all that was decided about them")
    func options() throws {
        let text =
            #"{"task":"t","queue":"q","since":5,"inputs":{"b":1,"a":"x"},"at":7,"unique":["k",3],"expires":9,"id":"i-1","#
            + #""keeps":4,"lock":["l",6],"refusesDelayed":true,"replicas":[2,8]}"#
        let job = try #require(KeptJob(bytes: Array(text.utf8)))
        #expect(String(decoding: job.bytes, as: UTF8.self) == text)
        #expect(KeptJob(bytes: Array("{}".utf8)) == nil)
    }
}
