// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroRedis
import HeroSystem
import HeroTasks
import HeroTestSupport
import Testing

@Suite("programs that share the queues", .serialized)
struct PeerTests {
    private static let text = "h\u{e9} \u{2713} / \"q\" \\ \u{2028} \u{1F600}"
    private static let arguments: JSON = [
        ["z": 1, "a": [1, .null, true, 1.5], "text": .string(text), "10": [:], "empty": []], "two", [],
        9_007_199_254_740_991,
    ]

    @Test("enqueue jobs that we read as they meant them, and keep byte for byte", arguments: ResquePeer.all)
    func theirs(_ peer: ResquePeer) async throws {
        try await PeerFixture.with(peer) { fixture in
            let bytes = try await fixture.enqueue("Echo", Self.arguments.text())
            try await fixture.ours.start("host:1~a")
            let job = try #require(try await fixture.ours.claim("host:1~a", 1, 5, "q").first)
            #expect(job.payload == bytes)
            let payload = try JobPayload(reading: job.payload)
            #expect(payload.task == "Echo" && payload.arguments == JobPayload.ordered(Self.arguments).arrayValue)
            _ = try await fixture.ours.finish("host:1~a", FinishedJob(job, .requeue))
            #expect(try await fixture.ours.redis("LINDEX", fixture.ours.keys.queue("q"), 0).bytes == bytes)
            #expect(try await fixture.work() == [.array(payload.arguments)])
        }
    }

    @Test("work jobs that we enqueue, and their counters are ours", arguments: ResquePeer.all)
    func work(_ peer: ResquePeer) async throws {
        try await PeerFixture.with(peer) { fixture in
            let inputs: JSON = ["text": .string(Self.text), "n": 1.5, "none": .null, "list": []]
            let api = fixture.ours.api
            #expect(try await api.enqueue("Echo", inputs, queue: "q") == .enqueued)
            #expect(try await api.enqueue("Fails", [:], queue: "q") == .enqueued)
            #expect(try await fixture.work() == [[inputs]])
            #expect(try await api.lengths().map(\.length) == [0])
            let failed = try JSON(parsing: try #require(try await api.failed(0, -1).first))
            #expect(failed["payload"]?["class"] == "Fails" && failed["error"] == "broken")
            #expect(try await api.stats().contains { $0 == ("failed", "1") })
            #expect(try await api.workers().isEmpty)
        }
    }

    @Test("have failed jobs that we retry with their own bytes, and remove", arguments: ResquePeer.all)
    func failed(_ peer: ResquePeer) async throws {
        try await PeerFixture.with(peer) { fixture in
            let api = fixture.ours.api
            // A number that JavaScript would spell in another way.
            let first = try await fixture.enqueue("Fails", #"[{"a":1.0}]"#)
            try await fixture.enqueue("Fails", #"[2]"#)
            try await fixture.work()
            let entries = try await api.failed(0, -1)
            try #require(entries.count == 2)
            try await api.retryAndRemoveFailed(entries[0])
            #expect(
                try await fixture.ours.redis("LRANGE", fixture.ours.keys.queue("q"), 0, -1).elements?.map(\.bytes) == [
                    first
                ])
            #expect(try await api.removeFailed(entries[1]) == 1)
            #expect(try await api.failedCount() == 0)
        }
    }

    @Test("show our workers, our failed jobs and our counters, and retry what failed here", arguments: ResquePeer.all)
    func show(_ peer: ResquePeer) async throws {
        try await PeerFixture.with(peer) { fixture in
            let (ours, store) = (fixture.ours, fixture.ours.store)
            let jobs = try await ours.threeHeld()
            let worker = RegisteredWorker(name: "far:1+1", queues: "q,r")
            let idle = RegisteredWorker(name: "far:1+2", queues: "q,r")
            let time = WallTime(milliseconds: 1_700_000_000_000)
            try await store.register([worker, idle], at: time)
            try await store.record(working: [(worker, jobs[0], time)], idle: [])
            let failures = jobs.dropFirst().map { job in
                let entry = FailureEntry(
                    worker: worker.name, queue: job.queue, payload: job.payload, exception: "Lost",
                    message: "it is gone",
                    time: time)
                return FinishedJob(job, .failed(entry: entry.bytes))
            }
            _ = try await store.finish("host:1~a", failures)
            try await ours.redis("SADD", ours.keys.queues, "q")
            let shown = try await fixture.show()
            #expect(shown["queues"] == ["q": 1] && shown["counts"]?["failed"] == 2)
            #expect(shown["workers"]?["far:1+1:q,r"]?["payload"]?["args"] == [1])
            #expect(shown["workers"]?["far:1+2:q,r"] == [:])
            let entries = shown["failed"]?.arrayValue ?? []
            #expect(entries.count == 2 && entries.allSatisfy { $0["error"] == "it is gone" })
            #expect(Set(entries.compactMap { $0["payload"]?["args"]?.text() }) == ["[2]", "[3]"])
            try await fixture.run("requeue", 0)
            #expect(try await ours.api.lengths().map(\.length) == [2])
            // Ruby's Resque marks what it has retried, the others remove it: then it is not ours any more.
            while try await ours.api.failedCount() > 0 { try await fixture.run("remove", 0) }
            for job in try await ours.api.dead(0, -1) { #expect(try await !ours.api.revive(job.id)) }
            #expect(try await ours.api.dead(0, -1).isEmpty)
            #expect(try await ours.api.lengths().map(\.length) == [2])
        }
    }

    @Test("are seen at work", arguments: ResquePeer.all)
    func working(_ peer: ResquePeer) async throws {
        try await PeerFixture.with(peer) { fixture in
            let (ours, api) = (fixture.ours, fixture.ours.api)
            try await fixture.enqueue("Waits", #"[{"a":1}]"#)
            async let work = fixture.work()
            var record: JSON?
            while record?.isNull ?? true {
                record = try await api.allWorkingOn().first?.record.flatMap { try? JSON(parsing: $0) }
            }
            #expect(record?["queue"] == "q" && record?["payload"]?["args"] == [["a": 1]])
            // node-resque asks at once which queues there are.
            let queues = try await api.workers().first?.queues
            #expect(queues == "*" || queues == "q")
            try await ours.redis("RPUSH", RedisArgument("\(ours.keys.namespace):go"), "now")
            _ = try await work
            #expect(try await api.allWorkingOn().isEmpty)
        }
    }

    @Test(
        "share the queues of a Redis Cluster's namespace, too: its tag is a part of their namespace",
        arguments: ResquePeer.all)
    func tagged(_ peer: ResquePeer) async throws {
        try await PeerFixture.with(peer, namespace: "{resque}") { fixture in
            try await fixture.enqueue("Echo", "[1]")
            #expect(try await fixture.ours.api.lengths().map(\.length) == [1])
            #expect(try await fixture.ours.api.enqueue("Echo", ["b": 2], queue: "r") == .enqueued)
            #expect(try await fixture.work() == [[1], [["b": 2]]])
        }
    }
}
