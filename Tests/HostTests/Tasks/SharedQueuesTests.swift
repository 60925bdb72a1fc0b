// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroTestSupport
import Testing

@Suite("a process beside programs of Resque", .serialized, .timeLimit(.minutes(10)))
struct SharedQueuesTests {
    private func scene(_ peer: ResquePeer) async throws -> SharedQueues {
        if let absence = await peer.absence() { try Test.cancel("\(absence)") }
        return try await SharedQueues()
    }

    @Test("runs their jobs, and they see what it does and what has failed", arguments: ResquePeer.all)
    func runsTheirs(_ peer: ResquePeer) async throws {
        let scene = try await scene(peer)
        let hero = try await scene.start(processors: 1)
        _ = try await scene.run(peer, "enqueue", "default", "Echo", #"[{"text":"h\#u{e9} \#u{1F600}"}]"#)
        try await hero.line(containing: "[ worker ] task success")
        #expect(scene.journal == ["h\u{e9} \u{1F600}"])
        _ = try await scene.run(peer, "enqueue", "high", "Fails", "[{}]")
        try await hero.line(containing: "Error from Task")
        _ = try await scene.run(peer, "enqueue", "default", "Waits", "[{}]")
        var shown: JSON = .null
        // What it works on is written a moment after it has begun.
        while shown["workers"]?.objectValue?.contains(where: { $0.value["payload"]?["class"] == "Waits" }) != true {
            shown = try JSON(parsing: try #require(try await scene.run(peer, "show").last))
        }
        #expect(shown["counts"] == ["processed": 1, "failed": 1])
        let failed = try #require(shown["failed"]?[0])
        #expect(failed["error"] == "broken" && failed["queue"] == "high" && failed["payload"]?["class"] == "Fails")
        #expect(try await hero.stop() == 0)
        shown = try JSON(parsing: try #require(try await scene.run(peer, "show").last))
        #expect(shown["workers"] == [:] && shown["queues"]?["default"] == 1)
    }

    @Test("enqueues what they work on", arguments: ResquePeer.all)
    func enqueues(_ peer: ResquePeer) async throws {
        let scene = try await scene(peer)
        let hero = try await scene.start(processors: 1)
        try scene.project.write(#"{"class":"sends","args":[{}]}"#, to: "job")
        try await scene.push("job")
        try await hero.line(containing: "[ worker ] task success")
        #expect(try await hero.stop() == 0)
        #expect(try await scene.run(peer, "work", "theirs").map { try JSON(parsing: $0) } == [[["text": "from here"]]])
    }
}
