// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroRedis
import HeroTestSupport
import Testing

@testable import HeroShared

@Suite("calls between processes")
struct RPCTests {
    @Test("a call on one member is answered by that member, a call on all by the first")
    func targets() async throws {
        let members = try await Members()
        for member in members.all {
            let id = member.services.settings.id
            member.rpc.register("who") { call in "\(id) for \(call.caller) with \(call.arguments.count)" }
        }
        for target in ["node-a", "node-b"] {
            let answer = try await members[0].rpc.call("who", [1, "two"], on: .member(target))
            #expect(answer == .string("\(target) for node-a with 2"))
        }
        let first = try await members[1].rpc.call("api.who")
        #expect(first == "node-a for node-b with 0" || first == "node-b for node-b with 0")
        await members.close()
    }

    @Test(
        "a call of a process that has stopped is refused at once, and one that waits then fails, both with the reason")
    func stopped() async throws {
        let members = try await Members()
        let rpc = members[0].rpc
        let services = members[0].services
        async let waiting = #expect(throws: RPCError.self) { try await rpc.call("nobody", timeout: .seconds(600)) }
        while services.rpc.load.expected == 0 { await Task.yield() }
        await services.stop()
        let late = await #expect(throws: RPCError.self) { try await rpc.call("nobody", timeout: .seconds(600)) }
        for error in [await waiting, late] {
            #expect(error?.message == "RPC Timeout: this process stops, and takes no answers any more")
        }
        await members.close()
    }

    @Test("a call that nobody waits for reaches all, and says how many Redis has passed it on to")
    func sends() async throws {
        let members = try await Members()
        let calls = Counter()
        let all = Signal()
        for member in members.all {
            member.rpc.register("note") { call in
                let (first, missing) = (try call.argument(0, as: String.self), try call.argument(7, as: Int?.self))
                #expect(first == "x" && missing == nil)
                if calls.increment() == 2 { all.set() }
            }
        }
        let answer1 = try await members[0].rpc.send("note", ["x"])
        #expect(answer1 == 2)
        await all.wait()
        await members.close()
    }

    @Test("without Redis the only member is this process")
    func local() async throws {
        try await Backend.local.run { member in
            member.rpc.register("double") { try $0.argument(0, as: Int.self) * 2 }
            let answer2 = try await member.rpc.call("double", [21])
            #expect(answer2 == 42)
            let answer3 = try await member.rpc.call("double", [4], on: .member("node-a"))
            #expect(answer3 == 8)
            let answer4 = try await member.rpc.send("double", [4])
            #expect(answer4 == 1)
            await Self.expectTimeout { try await member.rpc.call("double", [1], on: .member("x"), timeout: .zero) }
            #expect(member.log.lines == [])
        }
    }

    @Test(
        "nobody answers for a method that throws or does not exist; the log says why, and the process goes on",
        arguments: Backend.allCases)
    func failing(_ backend: Backend) async throws {
        try await backend.run { member in
            member.rpc.register("broken") { _ in throw ActionError("it is broken") }
            await Self.expectTimeout { try await member.rpc.call("broken", timeout: .milliseconds(50)) }
            await Self.expectTimeout { try await member.rpc.call("no.such.method", timeout: .milliseconds(50)) }
            member.rpc.register("fine") { _ in 1 }
            let answer5 = try await member.rpc.call("fine")
            #expect(answer5 == 1)
            let lines = member.log.lines.filter { !$0.contains("joined") }
            #expect(lines.contains("error: RPC method `broken` failed: it is broken caller=node-a"))
            #expect(lines.contains("crit: RPC method `no.such.method` not found"))
        }
    }

    static func expectTimeout(_ call: () async throws -> JSON) async {
        await #expect(throws: RPCError(.timedOut, "RPC Timeout")) { try await call() }
    }

    @Test("joining and leaving stand in everybody's log")
    func membership() async throws {
        let members = try await Members(["node-a"])
        let other = Member(SharedSettings(id: "node-b", projectRoot: "/"), members.server)
        try await other.services.start()
        await other.close()
        members[0].rpc.register("flush") { _ in 1 }
        _ = try await members[0].rpc.call("flush")
        #expect(
            members[0].log.lines == [
                "info: actionhero member node-a has joined the cluster",
                "info: actionhero member node-b has joined the cluster",
                "info: actionhero member node-b has left the cluster",
            ])
        await members.close()
    }

    @Test("a method that is called may call others")
    func nested() async throws {
        let members = try await Members()
        let (first, second) = (members[0].rpc, members[1].rpc)
        first.register("outer") { _ in try await first.call("inner", on: .member("node-b")) }
        second.register("inner") { _ in "deep" }
        let answer6 = try await second.call("outer", on: .member("node-a"))
        #expect(answer6 == "deep")
        await members.close()
    }

    @Test("more calls than may wait are refused, and so are messages that are too large", arguments: Backend.allCases)
    func bounds(_ backend: Backend) async throws {
        let server = backend == .redis ? try await RedisServer(.socket) : nil
        var settings = SharedSettings(id: "node-a", projectRoot: "/")
        settings.rpcMaximumCalls = 1
        settings.rpcMaximumMessage = 1024
        let member = Member(settings, server)
        try await member.services.start()
        // Its own joining is a call too.
        while server != nil, member.log.lines.isEmpty || member.services.rpc.load.running > 0 { await Task.yield() }
        let (begun, gate) = (Signal(), Signal())
        member.rpc.register("slow") { _ in
            begun.set()
            await gate.wait()
            return 1
        }
        let slow = Task { try await member.rpc.call("slow", timeout: .seconds(3600)) }
        await begun.wait()
        let error = await #expect(throws: RPCError.self) { try await member.rpc.call("slow") }
        #expect(error?.code == .tooManyCalls)
        let large = await #expect(throws: RPCError.self) {
            try await member.rpc.send("slow", [.string(String(repeating: "x", count: 1024))])
        }
        #expect(large?.code == .tooLarge)
        gate.set()
        let answer7 = try await slow.value
        #expect(answer7 == 1)
        while member.services.rpc.load.running > 0 { await Task.yield() }
        member.rpc.register("talks") { _ in String(repeating: "x", count: 1024) }
        while member.services.rpc.load.expected > 0 { await Task.yield() }
        let answered = await #expect(throws: RPCError.self) {
            try await member.rpc.call("talks", timeout: .seconds(3600))
        }
        #expect(answered?.code == .tooLarge)
        #expect(member.services.rpc.load.expected == 0)
        await member.close()
    }

    @Test("a caller that is cancelled gets out at once, and a stop fails whoever waits")
    func ends() async throws {
        try await Backend.local.run { member in
            let begun = Signal()
            member.rpc.register("never") { _ in
                begun.set()
                try await Task.sleep(for: .seconds(3600))
            }
            let cancelled = Task { try await member.rpc.call("never", timeout: .seconds(3600)) }
            await begun.wait()
            cancelled.cancel()
            await #expect(throws: CancellationError.self) { try await cancelled.value }
            let waiting = Task { try await member.rpc.call("never", timeout: .seconds(3600)) }
            while member.services.rpc.load.expected == 0 { await Task.yield() }
            await member.services.stop()
            await #expect(throws: RPCError.self) { try await waiting.value }
        }
    }

    @Test("a subscription that was away is a warning, and whoever wants to hears of it")
    func gap() async throws {
        let members = try await Members(["node-a"])
        let heard = Signal()
        members[0].services.messages.onGap { heard.set() }
        try await members.server.restart()
        await heard.wait()
        #expect(members[0].log.lines(containing: "messages may have been lost").count >= 1)
        members[0].rpc.register("again") { _ in 1 }
        let answer8 = try await members[0].rpc.call("again", timeout: .seconds(60))
        #expect(answer8 == 1)
        await members.close()
    }
}
