// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroBundles
import HeroRuntime
import HeroShared
import HeroTestSupport
import Testing

@Suite("actions that run actions")
struct InlineCallTests {
    private struct Inner: Action {
        @Input("n") var n: Int
        @Input("how") var how: String?
        func run(_ context: Context) async throws -> [String: JSON] {
            if how == "fail" {
                throw ActionError("declined", code: "E_CARD", status: 402, fields: ["reason": "expired"])
            }
            if how == "own" { context.response["error"] = "own error" }
            return [
                "n": .integer(n + 1), "type": .string(context.connection.type),
                "ip": .string(context.connection.remoteIP),
            ]
        }
    }

    private struct InnerOld: Action {
        static let name = "inner"
        static let version = 0
        func run(_ context: Context) async throws -> [String: Int] { ["old": 1] }
    }

    private struct Outer: Action {
        @Input("params") var params: JSON.Object = [:]
        @Input("version", name: "version") var innerVersion: String?
        func run(_ context: Context) async throws -> JSON {
            try await context.run("inner", version: innerVersion, params: params)
        }
    }

    private struct Forever: Action {
        @Input("depth") var depth: Int
        func run(_ context: Context) async throws -> JSON {
            try context.journal.add("\(depth)")
            return try await context.run("forever", params: ["depth": .integer(depth + 1)])
        }
    }

    private struct Refuse: ActionMiddleware {
        static let isGlobal = true
        func before(_ context: Context) async throws {
            if context.params["how"] == "refuse" { throw ActionError("refused") }
        }
    }

    private func process() throws -> InMemoryProcess {
        try InMemoryProcess([
            .action(Inner.self), .action(InnerOld.self), .action(Outer.self), .action(Forever.self),
            .actionMiddleware(Refuse.self),
        ])
    }

    @Test("the inner one has a connection of its own, its inputs, and the version that was asked for")
    func running() async throws {
        let process = try process()
        let call = await process.answer("outer", ["params": ["n": "1"]])
        #expect(call.response.data == ["n": 2, "type": "in-line-action", "ip": "0"])
        #expect(await process.answer("outer", ["version": "0"]).response.data == ["old": 1])
        #expect(
            try process.log().compactMap { $0["message"]?.stringValue }.filter { $0.hasPrefix("[ action") } == [
                "[ action @ in-line-action ]", "[ action @ test ]", "[ action @ in-line-action ]", "[ action @ test ]",
            ])
    }

    @Test("what a client would have been told is thrown, with everything about it")
    func errors() async throws {
        let process = try process()
        let application = process.process.application
        func fault(_ params: JSON.Object, version: String? = nil) async -> ActionError? {
            do {
                _ = try await application.run("inner", version: version, params: params)
                return nil
            } catch {
                return error as? ActionError
            }
        }
        let declined = await fault(["n": 1, "how": "fail"])
        #expect(declined == ActionError("declined", code: "E_CARD", status: 402, fields: ["reason": "expired"]))
        #expect(await fault([:])?.message == "n is a required parameter for this action")
        #expect(await fault(["n": "x"])?.message == "n must be a whole number")
        #expect(await fault(["n": 1, "how": "refuse"])?.message == "refused")
        #expect(await fault(["n": 1, "how": "own"])?.message == "own error")
        #expect(await fault(["n": 1], version: "9")?.message == "unknown action or invalid apiVersion")
        // Uncaught, it becomes the outer action's error.
        let call = await process.answer("outer", ["params": ["n": 1, "how": "fail"]])
        #expect(call.response.data == ["error": "declined", "reason": "expired", "code": "E_CARD"])
        #expect(call.result?.error?.httpStatus == 402)
    }

    @Test("actions that run each other without end are stopped")
    func recursion() async throws {
        let process = try process()
        let call = await process.answer("forever", ["depth": 0])
        #expect(call.error == "actions run each other more than 100 levels deep")
        #expect(process.journal.all.count == 101)
        // The next request starts anew.
        #expect(await process.answer("outer", ["params": ["n": 1]]).response.data["n"] == 2)
    }

    @Test("on an event loop the whole nest runs without leaving the loop")
    func onLoop() async throws {
        let loop = TestLoop()
        let process = try process()
        let call = await process.answer("forever", ["depth": 0], on: loop)
        #expect(call.error == "actions run each other more than 100 levels deep")
        #expect(await process.answer("outer", ["params": ["n": 1]], on: loop).response.data["n"] == 2)
    }

    @Test("an initializer's initialize step is too early to run actions")
    func tooEarly() async throws {
        let setup = try process().project
        let application = try ProcessSetup(projectRoot: setup.root, environment: [:]).makeApplication()
        await #expect(throws: ActionError.self) { try await application.run("inner", version: nil, params: [:]) }
    }
}
