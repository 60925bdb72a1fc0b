// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroRedis
import HeroSystem
import NIOPosix
import Testing

@testable import HeroTasks

@Suite("a process that reaps others", .serialized)
struct TaskReaperTests {
    private let process = TaskProcess(onHost: "host")
    private let notes = NoteBox<ReaperNote>()

    private func reaper(_ fixture: JobFixture) -> TaskReaper {
        let notes = notes
        // Only the first look, and what the master says: nothing here waits for the next one.
        return TaskReaper(
            fixture.store, process, interval: 3_600_000, on: MultiThreadedEventLoopGroup.singleton.next(), own: { [] },
            note: { notes.take($0) })
    }

    private func start(_ fixture: JobFixture, _ owner: String, _ mark: ProcessMark) async throws {
        let who = TaskProcess(name: "host:\(mark.pid)", mark: mark).who(queues: "*")
        #expect(try await fixture.store.start(owner, lease: JobFixture.never, who: who))
        try await fixture.push("q", job(1), job(2))
        _ = try await fixture.claim(owner, 1, 2, "q")
    }

    private func isRecovered(_ owner: String) -> @Sendable (ReaperNote) -> Bool {
        { if case .recovered(owner, 2, true) = $0 { true } else { false } }
    }

    @Test(
        "gives the jobs of one back whose process is gone from this machine, long before its lease ends, with its workers"
    )
    func gone() async throws {
        try await JobFixture.with { fixture in
            let place = try #require(process.mark?.place)
            let child = try Process.run(URL(fileURLWithPath: "/bin/cat"), arguments: [])
            child.terminate()
            child.waitUntilExit()
            let pid = Int(child.processIdentifier)
            try await start(fixture, "host:\(pid)~a", ProcessMark(place: place, pid: pid, start: 1))
            let workers = [RegisteredWorker(name: "host:\(pid)+1", queues: "*"), .init(name: "host:1+1", queues: "*")]
            try await fixture.store.register(workers, at: .now)
            #expect(try await fixture.store.lead("host:\(pid)", seconds: 180, lease: 30_000))
            let reaper = reaper(fixture)
            reaper.start()
            await notes.first(where: isRecovered("host:\(pid)~a"))
            await reaper.stop()
            #expect(try await fixture.queue("q") == [job(1), job(2)])
            #expect(try await fixture.api.workers().map(\.name) == ["host:1+1"])
            #expect(try await fixture.store.leader() == nil, "the next one leads without waiting for its lock to end")
        }
    }

    @Test("lets the lead and the names of workers go with the first job: nobody does it for a reaper that dies then")
    func dying() async throws {
        try await JobFixture.with { fixture in
            let place = try #require(process.mark?.place)
            try await start(fixture, "host:7~a", ProcessMark(place: place, pid: 1_000_000_007, start: 1))
            try await fixture.store.register([RegisteredWorker(name: "host:7+1", queues: "*")], at: .now)
            #expect(try await fixture.store.lead("host:7", seconds: 180, lease: 30_000))
            let died = NoteBox<Bool>()
            let client = MortalClient(
                fixture.client, [Doom(place: "reap.between", time: 1, manner: .killed)], losses: 0, seed: 1
            ) { _ in died.take(true) }
            let reaper = TaskReaper(
                JobStore(client, fixture.keys), process, on: MultiThreadedEventLoopGroup.singleton.next(),
                own: { [] }, note: { _ in })
            reaper.start()
            await died.first { _ in true }
            await reaper.stop()
            #expect(try await fixture.api.workers() == [])
            #expect(try await fixture.store.leader() == nil)
        }
    }

    @Test("returns retries that are due to their queues, so that they wait for no scheduler")
    func retries() async throws {
        try await JobFixture.with { fixture in
            let jobs = try await fixture.threeHeld()
            _ = try await fixture.finish(
                "host:1~a", FinishedJob(jobs[0], .retry(milliseconds: 0)),
                FinishedJob(jobs[1], .retry(milliseconds: JobFixture.never)))
            let reaper = reaper(fixture)
            reaper.start()
            await notes.first { $0 == .retried(1) }
            await reaper.stop()
            #expect(try await fixture.queue("q") == [job(4), job(1)])
            #expect(try await fixture.redis("ZCARD", fixture.keys.retry).integer == 1)
        }
    }

    @Test("leaves those alone that live, that live elsewhere, and that nobody can look at")
    func alive() async throws {
        try await JobFixture.with { fixture in
            let mark = try #require(process.mark)
            try await start(fixture, "host:\(mark.pid)~live", mark)
            try await start(fixture, "host:9~far", ProcessMark(place: "another boot", pid: 999_999_999, start: 1))
            #expect(try await fixture.store.start("host:8~mute", lease: JobFixture.never, who: Array("{}".utf8)))
            // Its pid is there, and is another process: this one is dead, and reaped last.
            try await start(fixture, "host:\(mark.pid)~reused", ProcessMark(place: mark.place, pid: mark.pid, start: 1))
            let reaper = reaper(fixture)
            reaper.start()
            await notes.first(where: isRecovered("host:\(mark.pid)~reused"))
            await reaper.stop()
            #expect(notes.all.count == 1)
            #expect(try await fixture.redis("ZCARD", fixture.keys.leases).integer == 3)
        }
    }

    @Test("acts at once on a death that the master has seen, and gives the job up that was named too often")
    func died() async throws {
        try await JobFixture.with { fixture in
            let place = try #require(process.mark?.place)
            let reaper = reaper(fixture)
            for crash in 1...4 {
                // Nobody has this pid, so it could be proven; a start of 0 is never looked up by the master's word.
                let mark = ProcessMark(place: place, pid: 1_000_000_000 + crash, start: crash)
                let who = TaskProcess(name: "host:\(mark.pid)", mark: mark).who(queues: "*")
                #expect(try await fixture.store.start("host:\(crash)~a", lease: JobFixture.never, who: who))
                if crash == 1 { try await fixture.push("q", job(1), job(2)) }
                #expect(try await fixture.claim("host:\(crash)~a", 1, 2, "q").count == 2)
                reaper.died(pid: mark.pid, start: mark.start, job: JobMark(owner: "host:\(crash)~a", number: 2))
                await notes.first {
                    switch $0 {
                    case .recovered("host:\(crash)~a", _, true): true
                    default: false
                    }
                }
            }
            guard
                case .givenUp(_, let jobs) = await notes.first(where: { if case .givenUp = $0 { true } else { false } })
            else { return }
            #expect(jobs.map(\.text) == [job(2)])
            await reaper.stop()
            #expect(try await fixture.queue("q") == [job(1)])
            let entry = try #require(try await fixture.list(fixture.keys.failed).first)
            #expect(entry.contains(#""exception":"PoisonPill""#) && entry.contains(#""worker":"host:4""#))
        }
    }

    @Test("knows when a process began, and that one is gone whose parent has not asked for its status")
    func births() throws {
        let pid = Int(getpid())
        guard case .at(let start) = ProcessBirth.of(pid) else {
            Issue.record("this process has no start")
            return
        }
        #expect(start > 0 && ProcessBirth.of(pid) == .at(start))
        #expect(ProcessBirth.of(0) == .gone && ProcessBirth.of(1_000_000_000) == .gone)
        #expect(ProcessMark(who: process.who(queues: "a,b")) == process.mark)
        #expect(ProcessMark(who: Array("{}".utf8)) == nil)
        let child = childThatEnds()
        var info = siginfo_t()
        // Waits for its end, and leaves it a zombie.
        #expect(waitid(P_PID, id_t(child), &info, WEXITED | WNOWAIT) == 0)
        #expect(ProcessBirth.of(Int(child)) == .gone)
        waitpid(child, nil, 0)
    }

    /// A child that nobody but this test waits for.
    private func childThatEnds() -> pid_t {
        var child = pid_t()
        let words: [UnsafeMutablePointer<CChar>?] = [strdup("/bin/true"), nil]
        posix_spawn(&child, "/bin/true", nil, nil, words, nil)
        free(words[0])
        return child
    }
}
