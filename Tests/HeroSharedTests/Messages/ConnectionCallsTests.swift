// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroRuntimeTestSupport
import HeroTestSupport
import Testing

@testable import HeroShared

@Suite("calls for a connection", .timeLimit(.minutes(10)))
struct ConnectionCallsTests {
    @Test("reach the process that holds it, and no other")
    func rpc() async throws {
        let members = try await Members()
        let loops = members.all.map { LoopOfConnections($0.connections) }
        try await loops[0].add(HeldConnection("first"))
        try await loops[1].add(HeldConnection("second"))
        for member in members.all {
            let id = member.services.settings.id
            member.rpc.register("where") { call in "\(call.connectionID ?? "none") at \(id)" }
        }
        for (id, owner) in [("first", "node-a"), ("second", "node-b"), ("first", "node-a")] {
            for member in members.all {
                #expect(try await member.rpc.call("where", on: .connection(id)) == .string("\(id) at \(owner)"))
            }
        }
        await RPCTests.expectTimeout {
            try await members[0].rpc.call("where", on: .connection("third"), timeout: .milliseconds(50))
        }
        await members.close()
    }

    @Test("tell what is known about it, set values, send messages and files, and end it")
    func apply() async throws {
        let members = try await Members()
        let connection = HeldConnection("far")
        try await LoopOfConnections(members[1].connections).add(connection)
        for member in members.all {
            let connections = Connections(host: member.services.connections)
            let before = try await connections.apply("far")
            #expect(before["id"] == "far" && before["type"] == "custom" && before["remotePort"] == 4711)
            #expect(before["rooms"] == ["lobby"] && before["canChat"] == true && before["destroyed"] == false)
            let name = member.services.settings.id
            #expect(try await connections.apply("far", "set", ["auth", .string(name)])["auth"] == .string(name))
            try await connections.sendMessage([.string(name)], to: "far")
            try await connections.apply("far", "sendFile", ["logo.png"])
        }
        #expect(connection.sent == [["node-a"], ["file": "logo.png"], ["node-b"], ["file": "logo.png"]])
        try await Connections(host: members[0].services.connections).destroy("far")
        #expect(connection.isDestroyed)
        #expect(await Connections(host: members[0].services.connections).find("far") == nil)
        #expect(await Connections(host: members[1].services.connections).find("far")?.isDestroyed == true)
        await members.close()
    }

    @Test(
        "are understood as the reference writes them",
        arguments: [
            (#"["x",null,null]"#, nil),
            (#"["x","sendMessage",{"context":"alert"}]"#, ["context": "alert"] as JSON),
            (#"["x","sendMessage",[1,2]]"#, [1, 2]),
            (#"["x","sendFile","logo.png"]"#, ["file": "logo.png"]),
        ] as [(String, JSON?)])
    func wire(_ arguments: String, _ sent: JSON?) async throws {
        let members = try await Members()
        let connection = HeldConnection("x")
        try await LoopOfConnections(members[1].connections).add(connection)
        let answer = try await members[0].rpc.call(
            "api.connections.applyResponder", try #require(try JSON(parsing: arguments).arrayValue),
            on: .connection("x"))
        #expect(answer["id"] == "x")
        #expect(connection.sent == (sent.map { [$0] } ?? []))
        await members.close()
    }

    @Test("that cannot be done are a line in the log of the holder, and nothing happens to it")
    func failing() async throws {
        let members = try await Members()
        let connection = HeldConnection("x")
        try await LoopOfConnections(members[1].connections).add(connection)
        for arguments in [["x", "explode", []], ["x", "set", [7]], ["x", "sendFile", [7]]] as [[JSON]] {
            await RPCTests.expectTimeout {
                try await members[0].rpc.call(
                    "connections.applyResponder", arguments, on: .connection("x"), timeout: .milliseconds(50))
            }
        }
        let own = Connections(host: members[1].services.connections)
        await #expect(throws: ActionError.self) { try await own.apply("x", "explode") }
        while members[1].log.lines(containing: "applyResponder").count < 3 { await Task.yield() }
        #expect(
            members[1].log.lines(containing: "connections of type custom have no method explode").count == 1)
        #expect(!connection.isDestroyed && connection.sent.isEmpty)
        await members.close()
    }

    @Test(
        "that are refused throw the same in every process, at once",
        arguments: [
            ("explode", [], "connections of type custom have no method explode"),
            ("set", [7], "set takes a name and a value"),
            ("set", ["rooms", ["a"]], "rooms is known about every connection and cannot be set; choose another name"),
            ("sendFile", [7], "sendFile takes the path of a public file"),
        ] as [(String, [JSON], String)])
    func refused(_ method: String, _ arguments: [JSON], _ text: String) async throws {
        let members = try await Members()
        try await LoopOfConnections(members[1].connections).add(HeldConnection("x"))
        for member in members.all {
            let error = await #expect(throws: ActionError.self) {
                try await Connections(host: member.services.connections).apply("x", method, arguments)
            }
            #expect(error?.message == text)
        }
        await members.close()
    }

    @Test("set 64 kB in all; what does not fit is an error at the caller, changes nothing and keeps no message away")
    func bounded() async throws {
        let members = try await Members()
        let connection = HeldConnection("x")
        try await LoopOfConnections(members[1].connections).add(connection)
        for member in members.all {
            let connections = Connections(host: member.services.connections)
            for name in ["a", "b"] {
                let error = await #expect(throws: ConnectionError.self) {
                    try await connections.set(name, .string(String(repeating: "x", count: 600_000)), of: "x")
                }
                #expect(error?.code == .valuesFull)
            }
            try await connections.sendMessage("hello", to: "x")
            let half = JSON.string(String(repeating: "y", count: 40_000))
            // Another value of the same name takes the place of the first.
            for _ in 0..<2 { try await connections.set("half", half, of: "x") }
            await #expect(throws: ConnectionError.self) { try await connections.set("other", half, of: "x") }
            #expect(try await connections.apply("x")["half"] == half)
            try await connections.set("half", .null, of: "x")
            #expect(try await connections.apply("x", "set", ["other", half])["half"] == nil)
            try await connections.set("other", .null, of: "x")
        }
        #expect(connection.sent == ["hello", "hello"])
        #expect(connection.values.isEmpty)
        await members.close()
    }

    @Test("reach no member, whatever stands where the id is expected")
    func memberAsID() async throws {
        try await Backend.local.run { member in
            member.rpc.register("where") { _ in "here" }
            await RPCTests.expectTimeout {
                try await member.rpc.call("where", on: .connection("member:node-a"), timeout: .zero)
            }
            let answer = try await member.rpc.call("where", on: .member("node-a"))
            #expect(answer == "here")
        }
    }

    @Test("need no Redis where there is one process")
    func local() async throws {
        try await Backend.local.run { member in
            let connections = Connections(host: member.services.connections)
            await #expect(throws: RPCError(.timedOut, "RPC Timeout")) {
                try await member.rpc.call("connections.applyResponder", on: .connection("x"), timeout: .zero)
            }
            let connection = HeldConnection("x")
            try await LoopOfConnections(member.connections).add(connection)
            try await connections.sendMessage("hello", to: "x")
            #expect(connection.sent == ["hello"])
            #expect(await connections.count == 1)
        }
    }
}
