// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroTestSupport
import Testing

@testable import HeroShared

@Suite("messages on the channel")
struct ForeignMessageTests {
    /// A process that takes no messages but those of the test.
    private func member(_ change: (inout SharedSettings) -> Void = { _ in }) -> (Member, ManualTime) {
        let time = ManualTime()
        var settings = SharedSettings(id: "node-a", projectRoot: "/")
        change(&settings)
        return (Member(settings, nil, time: time.keeper), time)
    }

    @Test(
        "what is foreign or malformed is dropped with a warning that says why",
        arguments: [
            ("not json at all", "it is no JSON object"), ("5", "it is no JSON object"),
            ("null", "it is no JSON object"),
            ("[1]", "it is no JSON object"), ("", "it is no JSON object"), ("\u{0}", "it is no JSON object"),
            (#"{"messageType":"do","method":"api.note"}"#, "its serverToken is not ours"),
            (#"{"messageType":"do","method":"api.note","serverToken":"wrong"}"#, "its serverToken is not ours"),
            (#"{"messageType":"do","method":"api.note","serverToken":["change-me"]}"#, "its serverToken is not ours"),
            (#"{"serverToken":"change-me"}"#, "it has no messageType"),
            (#"{"serverToken":"change-me","messageType":5}"#, "it has no messageType"),
            (#"{"serverToken":"change-me","messageType":"do"}"#, "a call has no method below api."),
            (
                #"{"serverToken":"change-me","messageType":"do","method":"console.log"}"#,
                "a call has no method below api."
            ),
            (#"{"serverToken":"change-me","messageType":"do","method":{}}"#, "a call has no method below api."),
            (#"{"serverToken":"change-me","messageType":"doResponse"}"#, "an answer has no messageId"),
        ])
    func dropped(_ message: String, _ reason: String) {
        let (member, _) = member()
        member.rpc.register("note") { _ in Issue.record("called") }
        member.services.messages.receive(Array(message.utf8))
        #expect(member.log.lines.count == 1)
        #expect(member.log.lines.first?.hasPrefix("warning: a message from Redis was dropped: \(reason)") == true)
    }

    @Test("of many such messages in a minute one is in the log, and the next line counts the others")
    func rare() {
        let (member, time) = member()
        for _ in 0..<1000 { member.services.messages.receive([1]) }
        #expect(member.log.lines.count == 1)
        time.advance(60_000)
        member.services.messages.receive([1])
        #expect(member.log.lines.count == 2)
        #expect(member.log.lines.last?.hasSuffix(" count=1000") == true)
    }

    @Test("a message that is too large is not even parsed")
    func large() {
        let (member, _) = member { $0.rpcMaximumMessage = 1024 }
        member.services.messages.receive(Array(repeating: 0x20, count: 1025))
        #expect(member.log.lines.first?.contains("general.rpcMaximumMessage is 1024") == true)
    }

    @Test("no bytes whatever end the process, and afterwards messages are heard as before", arguments: 0..<20)
    func fuzz(_ seed: Int) async throws {
        var random = SeededRandom(seed: UInt64(seed))
        let (member, _) = member()
        let valid = Array(
            #"{"messageType":"do","serverId":"o","serverToken":"change-me","messageId":"m","method":"api.x","args":[1]}"#
                .utf8)
        for _ in 0..<500 {
            var bytes = valid
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let position = Int.random(in: 0..<bytes.count, using: &random)
                bytes[position] = UInt8.random(in: 0...255, using: &random)
            }
            member.services.messages.receive(bytes)
        }
        let called = Signal()
        member.rpc.register("x") { call in
            if call.arguments.count == 2 { called.set() }
        }
        let last = String(decoding: valid, as: UTF8.self).replacing("[1]", with: "[1,2]")
        member.services.messages.receive(Array(last.utf8))
        await called.wait()
    }

    @Test("a type that nobody takes is left to those who do")
    func unknownType() {
        let (member, _) = member()
        member.services.messages.receive(Array(#"{"serverToken":"change-me","messageType":"newer"}"#.utf8))
        #expect(member.log.lines == ["debug: nobody takes messages of the type newer"])
    }

    @Test("subsystems get the messages of their type, in order")
    func handlers() async throws {
        let (member, _) = member()
        let (stream, continuation) = AsyncStream.makeStream(of: Int.self)
        member.services.messages.register("chat") { continuation.yield($0["n"]?.intValue ?? -1) }
        for number in 0..<50 {
            _ = try await member.services.messages.publish([
                "messageType": "chat", "serverToken": .string(member.services.messages.serverToken),
                "n": .integer(number),
            ])
        }
        continuation.finish()
        #expect(await stream.reduce(into: [Int]()) { $0.append($1) } == Array(0..<50))
    }

    @Test(
        "arguments that are no list are one argument, and null is none",
        arguments: [("null", 0), ("[]", 0), ("\"x\"", 1), ("{\"a\":1}", 1), ("[1,null]", 2)])
    func arguments(_ json: String, _ count: Int) async {
        let (member, _) = member()
        let (called, seen) = (Signal(), Counter())
        member.rpc.register("note") { call in
            for _ in call.arguments { seen.increment() }
            called.set()
        }
        let message =
            #"{"messageType":"do","serverToken":"change-me","messageId":"m","method":"api.note","args":"# + json + "}"
        member.services.messages.receive(Array(message.utf8))
        await called.wait()
        #expect(seen.value == count)
    }

    @Test("a call for a connection is taken by whoever holds it")
    func connections() async {
        let (member, _) = member()
        let (called, calls) = (Signal(), Counter())
        member.services.rpc.setConnections { id, answer in answer(id == "mine") }
        member.rpc.register("note") { call in
            #expect(call.connectionID == "mine")
            calls.increment()
            called.set()
        }
        for id in ["other", "member:node-b", "mine"] {
            let message =
                #"{"messageType":"do","serverToken":"change-me","messageId":"m","method":"api.note","connectionId":""#
                + id + #"","args":[]}"#
            member.services.messages.receive(Array(message.utf8))
        }
        await called.wait()
        #expect(calls.value == 1)
    }

    @Test("the log of another process is written here, at its level, with its data")
    func remoteLog() async throws {
        let (member, _) = member()
        member.services.messages.receive(
            Array(
                #"{"messageType":"do","serverToken":"change-me","messageId":"m","method":"api.log","args":["hello","notice",{"a":1}]}"#
                    .utf8))
        member.services.messages.receive(
            Array(
                #"{"messageType":"do","serverToken":"change-me","messageId":"m","method":"api.log","args":[{"x":1},"shout"]}"#
                    .utf8))
        while member.log.lines.count < 2 { await Task.yield() }
        #expect(Set(member.log.lines) == ["notice: hello a=1", #"info: {"x":1}"#])
    }
}
