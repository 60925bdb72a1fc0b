// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Foundation
import HeroTestSupport
import Testing

@Suite("jobs that nobody can run", .timeLimit(.minutes(10)))
struct MalformedJobTests {
    private struct Case {
        let name: String
        let payload: Data
        let reason: String

        init(_ name: String, _ payload: String, _ reason: String) {
            self.init(name, Data(payload.utf8), reason)
        }

        init(_ name: String, _ payload: Data, _ reason: String) {
            (self.name, self.payload, self.reason) = (name, payload, reason)
        }
    }

    private static let deep = String(repeating: "[", count: 2000) + String(repeating: "]", count: 2000)
    private static func large(_ size: Int) -> Data {
        Data(#"{"class":"Echo","args":[{"text":""#.utf8) + Data(repeating: 0x78, count: size) + Data(#""}]}"#.utf8)
    }

    private static let cases = [
        Case("text", "no JSON at all", "The job is not JSON"),
        Case("half", #"{"class":"Echo","#, "The job is not JSON"),
        Case("deep", #"{"class":"Echo","args":[{"text":\#(deep)}]}"#, "nest deeper than 99 levels"),
        Case("large", large(20_000_000), "The job has 20000037 bytes"),
        Case("unknown", #"{"class":"Nobody","queue":"default","args":[{}]}"#, "No job defined for class"),
        Case("no-class", #"{"queue":"default","args":[]}"#, "no class that is a text"),
        Case("no-args", #"{"class":"Echo"}"#, "no args that are an array"),
        Case("object-args", #"{"class":"Echo","args":{"text":"a"}}"#, "no args that are an array"),
        Case("missing-input", #"{"class":"Echo","args":[{}]}"#, "text is a required input for task Echo"),
        Case("several-args", #"{"class":"Echo","args":[1,2]}"#, "text is a required input for task Echo"),
        Case("2-53", #"{"class":"Echo","args":[{"text":9007199254740993}]}"#, "9007199254740993, which is beyond 2^53"),
        Case("twice", #"{"class":"Echo","args":[{"text":"a","text":"b"}]}"#, "two members with one name"),
        Case(
            "bytes", Data(#"{"class":"Echo","args":[{"text":""#.utf8) + [0xFF, 0xFE] + Data(#""}]}"#.utf8),
            "The job is not JSON"),
    ]

    /// What is kept of each dead job: the digest of its bytes, its error, and whether its entry in `failed` has these bytes,
    /// as they are or as a text; that of one of more than 16 MB has only its beginning.
    private static let script = """
        local answer = {}
        for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
          local held, entry = redis.call('HGET', KEYS[2], id), redis.call('HGET', KEYS[2], id..':f')
          local payload = held:sub(#held:match('^%d+') + 2 + tonumber(held:match('^%d+')))
          local whole = redis.call('HGET', KEYS[2], id..':l')
          local quoted = payload:gsub('[\\\\"]', '\\\\%0')
          local isThere = entry:find(payload, 1, true) or whole or entry:find(quoted, 1, true)
          local isListed = redis.call('LREM', KEYS[3], 1, entry)
          answer[#answer + 1] = redis.sha1hex(whole or payload)..' '..(isThere and 1 or 0)..' '..isListed..' '
            ..entry:match('"error":"(.-)","backtrace"')
        end
        return answer
        """

    @Test("end in failed with every byte and a reason, and the queue goes on")
    func fail() async throws {
        let scene = try await SharedQueues()
        for one in Self.cases {
            try scene.project.write(one.payload, to: one.name)
            // Nobody has known its task for as long as such a job is waited with.
            if one.name == "unknown" {
                let digest = try await Program.run("sha1sum", [one.name], directory: scene.project.root).output
                try await scene.server.cli("HSET", "resque:attempts", String(digest.prefix(40)), "0 0 1 6")
            }
            try await scene.push(one.name)
        }
        try scene.project.write(#"{"class":"Echo","args":[{"text":"goes on"}]}"#, to: "good")
        try await scene.push("good")
        let hero = try await scene.start(processors: 1)
        try await hero.line(containing: "[ worker ] task success")
        #expect(scene.journal == ["goes on"])
        #expect(try await hero.stop() == 0)
        #expect(hero.lines.allSatisfy { $0.utf8.count < 10_000 }, "no line is as long as a job")
        #expect(try await scene.server.cli("GET", "resque:stat:failed") == String(Self.cases.count))
        #expect(try await scene.server.cli("LLEN", "resque:failed") == String(Self.cases.count))
        #expect(try await scene.server.cli("LLEN", "resque:queue:default") == "0")
        let kept = try await scene.server.cli(
            "EVAL", Self.script, "3", "resque:dead", "resque:kept", "resque:failed"
        ).split(separator: "\n").map(String.init)
        #expect(kept.count == Self.cases.count)
        for one in Self.cases {
            let digest = try await Program.run("sha1sum", [one.name], directory: scene.project.root).output.prefix(40)
            let line = try #require(kept.first { $0.hasPrefix(digest) }, "\(one.name) is not there as it was")
            #expect(line.hasPrefix("\(digest) 1 1 "), "\(one.name)")
            #expect(line.contains(one.reason), "\(one.name): \(line)")
        }
    }

    @Test("a job whose task is not known waits for a process that knows it, as one of the next release may")
    func unknown() async throws {
        let scene = try await SharedQueues()
        try scene.project.write(#"{"class":"Tomorrow","queue":"default","args":[{}]}"#, to: "job")
        try await scene.push("job")
        let hero = try await scene.start(processors: 1)
        let line = try await hero.line(containing: "the job waits for a process that knows its task")
        #expect(line.contains("class=Tomorrow") && line.contains("delay=5000"), "\(line)")
        #expect(try await hero.stop() == 0)
        let waiting = try await scene.server.cli("ZCARD", "resque:retry")
        let queued = try await scene.server.cli("LLEN", "resque:queue:default")
        #expect([waiting, queued].sorted() == ["0", "1"], "it waits, or its time has come meanwhile")
        #expect(try await scene.server.cli("EXISTS", "resque:failed", "resque:stat:failed") == "0")
    }

    @Test("a job of 100 MB ends in failed, too, and never leaves Redis")
    func huge() async throws {
        let scene = try await SharedQueues()
        try scene.project.write(Self.large(100_000_000), to: "huge")
        try await scene.push("huge")
        let hero = try await scene.start(processors: 1)
        try scene.project.write(#"{"class":"Echo","args":[{"text":"goes on"}]}"#, to: "good")
        try await scene.push("good")
        try await hero.line(containing: "Error from Task")
        try await hero.line(containing: "[ worker ] task success")
        #expect(try await hero.stop() == 0)
        #expect(scene.journal == ["goes on"])
        #expect(try await scene.server.cli("LLEN", "resque:failed") == "1")
        let id = try await scene.server.cli("ZRANGE", "resque:dead", "0", "0")
        #expect(try await scene.server.cli("HSTRLEN", "resque:kept", "\(id):l") == "100000037")
        let environment = ["REDIS_ENABLED": "true", "REDIS_URL": "unix://\(scene.server.socketPath)"]
        let listed = try await scene.project.hero("tasks", "failed", environment: environment)
        #expect(listed.code == 0 && listed.output.contains("The job has 100000037 bytes"), "\(listed.error)")
        let removed = try await scene.project.hero("tasks", "remove", "--all", environment: environment)
        #expect(removed.code == 0 && removed.output == "removed 1 job\n", "\(removed.error)")
        for key in ["dead", "kept", "failed"] { #expect(try await scene.server.cli("EXISTS", "resque:\(key)") == "0") }
    }
}
