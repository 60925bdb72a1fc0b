// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroShared
import HeroTestSupport
import Testing

@Suite("what processes share, compared with the reference")
struct SharedReplayTests {
    @Test("the cache answers as recorded and leaves in Redis what was recorded", arguments: RecordedTopics.cache)
    func cache(_ recording: Recording) async throws { try await CacheExchange.verify(recording) }

    /// Connections are still to come, so these stand for how calls are written, whatever method they call.
    private static let calls = RecordedTopics.rpc.filter {
        $0.response["published"]?[0]?.stringValue?.hasPrefix(#"{"messageType":"do","serverId":"node-a""#) == true
            && $0.name != "doCluster method outside api"
    }

    @Test("calls and answers are written as recorded, byte for byte", arguments: calls)
    func writesCalls(_ recording: Recording) async throws {
        let server = try await RedisServer(.socket)
        let (first, second) = (try await SharedReplay(server), try await SharedReplay(server, id: "node-b"))
        try await first.services.start()
        try await second.services.start()
        let text = try #require(recording.response["published"]?[0]?.stringValue)
        let payload = try JSON(parsing: text)
        let answer = try (recording.response["published"]?[1]?.stringValue).map { try JSON(parsing: $0) }
        let connection = payload["connectionId"]?.stringValue
        second.services.rpc.setConnections { id, answer in answer(id == connection) }
        let method = try #require(payload["method"]?.stringValue)
        if let response = answer?["response"] { second.rpc.register(method) { _ in response } }
        let channel = try await second.redis.subscribe("actionhero")
        let target = connection.map { RPC.Target.connection($0) } ?? .all
        let arguments = payload["args"]?.arrayValue ?? []
        if let response = answer?["response"] {
            #expect(try await first.rpc.call(method, arguments, on: target, timeout: .seconds(60)) == response)
        } else {
            _ = try await first.rpc.send(method, arguments, on: target)
        }
        let masks = Masks(recording.volatile).adding("uuid")
        var wanted = [masks.apply(text)]
        if answer?["messageType"] == "doResponse", answer?["response"] != nil {
            wanted.append(masks.apply(recording.response["published"]?[1]?.stringValue ?? ""))
        }
        for await case .message(_, _, let bytes) in channel {
            let seen = masks.apply(String(decoding: bytes, as: UTF8.self))
            // Joining may still be answered.
            if seen.contains("api.log") || !seen.contains("\"response\"") && seen.contains("doResponse") { continue }
            #expect(seen == wanted.removeFirst())
            if wanted.isEmpty { break }
        }
        await first.close()
        await second.close()
    }

    private static let injected = RecordedTopics.rpc.filter { $0.request["payload"] != nil }

    @Test("whatever is published on the channel, the process goes on", arguments: injected)
    func survives(_ recording: Recording) async throws {
        let process = try await SharedReplay()
        try await process.services.start()
        let payload = try #require(recording.request["payload"]?.stringValue)
        _ = try await process.redis.command("PUBLISH", "actionhero", RedisBytes(payload))
        process.rpc.register("alive") { _ in true }
        #expect(try await process.rpc.call("alive", timeout: .seconds(60)) == true)
        await process.close()
    }

    @Test("a method that nobody has is a line of level crit, as recorded")
    func unknownMethod() async throws {
        let recording = try #require(RecordedTopics.rpc.first { $0.name == "doCluster unknown method" })
        let process = try await SharedReplay()
        try await process.services.start()
        await #expect(throws: RPCError.self) {
            try await process.rpc.call("api.no.such.method", timeout: .milliseconds(200))
        }
        let line = try #require(
            recording.response["logX"]?[0]?.stringValue?.split(separator: " ").joined(separator: " "))
        process.rpc.register("alive") { _ in true }
        _ = try await process.rpc.call("alive", timeout: .seconds(60))
        #expect(process.log.lines.contains(line))
        await process.close()
    }

    @Test("the joining of a process is written as recorded, and answered by those who are there")
    func joins() async throws {
        let process = try await SharedReplay()
        let channel = try await process.redis.subscribe("actionhero")
        try await process.services.start()
        let masks = Masks(RecordedTopics.rpc[0].volatile).adding("uuid")
        let call =
            #"{"messageType":"do","serverId":"node-a","serverToken":"change-me","messageId":"<uuid>","method":"api.log","args":["actionhero member node-a has joined the cluster"]}"#
        let answer =
            #"{"messageType":"doResponse","serverId":"node-a","serverToken":"change-me","messageId":"<uuid>"}"#
        var wanted = [call, answer]
        for await case .message(_, _, let bytes) in channel {
            #expect(masks.apply(String(decoding: bytes, as: UTF8.self)) == wanted.removeFirst())
            if wanted.isEmpty { break }
        }
        await process.close()
    }
}
