// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroBundles
import HeroRuntime
import Testing

@Suite("what requests for actions are answered")
struct ActionAnswerTests {
    private struct Greet: Action {
        @Input(
            "who", format: .trimmed,
            .custom { name in
                if name == "nobody" { throw ActionError("nobody is not greeted", status: 410) }
                return name
            }, validate: .length(2...20), .custom { $0 != "Eve" })
        var name: String
        @Input("how often") var times = 1
        @Input("where") var place: String?

        func run(_ context: Context) async throws -> [String: String] {
            ["greeting": "Hello, \(name) \(times)"]
        }
    }

    private struct GreetNew: Action {
        static let name = "greet"
        static let version = 2
        func run(_ context: Context) async throws -> [String: JSON] {
            ["version": 2, "asked": .string(context.actionVersion)]
        }
    }

    private struct GreetBeta: Action {
        static let name = "greet"
        static let version = "beta"
        static let description = "beta"
        static let blockedConnectionTypes = ["web", "socket"]
        func run(_ context: Context) async throws -> [String: Int] { ["version": 3] }
    }

    private struct Fail: Action {
        @Input("how") var how: String
        struct Odd: Error, CustomStringConvertible { let description = "disk 7 is full" }

        func run(_ context: Context) async throws -> [String: Double] {
            switch how {
            case "odd": throw Odd()
            case "plain": throw ActionError("no such thing", status: 404)
            case "code": throw ActionError("declined", code: "E_CARD", status: 402, fields: ["reason": "expired"])
            case "numeric": throw ActionError("teapot", code: "418")
            case "payload": throw ActionError(payload: ["deep": [1]], status: 409)
            case "status": throw ActionError("impossible", status: 99)
            case "nan": return ["x": .nan]
            default:
                context.response["error"] = .string(how)
                return ["y": 1]
            }
        }
    }

    private func process(_ overrides: JSON = [:], environment: String = "development") throws -> InMemoryProcess {
        try InMemoryProcess(
            [.action(Greet.self), .action(Fail.self)], overrides: overrides, environment: environment)
    }

    @Test("an action that succeeds answers its output")
    func success() async throws {
        let call = try await process().answer("greet", ["name": " Ada ", "times": "3"])
        #expect(call.response.data == ["greeting": "Hello, Ada 3"])
        #expect(call.result?.status == .complete)
        #expect(call.error == nil)
    }

    @Test("an unknown action, no action and an unknown version are one and the same error")
    func unknown() async throws {
        let process = try process()
        for (name, version) in [("nothing", nil), (nil, nil), ("", nil), ("greet", "2"), ("greet", 7)]
            as [(String?, JSON?)]
        {
            let call = await process.answer(name, version.map { ["apiVersion": $0] } ?? [:])
            #expect(call.error == "unknown action or invalid apiVersion")
            #expect(call.result?.status == .unknownAction)
        }
    }

    @Test("the latest version runs unless apiVersion asks for another")
    func versions() async throws {
        let process = try InMemoryProcess([.action(GreetNew.self), .action(Greet.self), .action(GreetBeta.self)])
        for version in [2, "2", 2.0] as [JSON] {
            let answer = await process.answer("greet", ["apiVersion": version]).response.data
            #expect(answer == ["version": 2, "asked": "2"])
        }
        for version in [nil, "", "beta"] as [JSON] {
            #expect(await process.answer("greet", ["apiVersion": version]).response.data["version"] == 3)
        }
        #expect(await process.answer("greet", ["apiVersion": 1, "name": "Ada"]).response.data["greeting"] != nil)
        #expect(await process.answer("greet", ["apiVersion": "1.0"]).result?.status == .unknownAction)
    }

    @Test("the first missing input is named")
    func missing() async throws {
        let process = try process()
        for params in [[:], ["name": nil], ["name": ""], ["name": "undefined"], ["times": "x"]] as [JSON.Object] {
            let call = await process.answer("greet", params)
            #expect(call.error == "name is a required parameter for this action")
            #expect(call.result?.status == .missingParams)
        }
    }

    @Test("the first error of conversion and validation is answered, a formatter's before all others")
    func invalid() async throws {
        let process = try process()
        let cases: [(JSON.Object, JSON, ActionStatus)] = [
            (["name": "A"], "name must have between 2 and 20 characters", .validatorErrors),
            (["name": "Eve"], "Input for parameter \"name\" failed validation!", .validatorErrors),
            (["name": "Ada", "times": "x"], "times must be a whole number", .validatorErrors),
            (["name": "A", "times": "x"], "name must have between 2 and 20 characters", .validatorErrors),
            (["name": ["a"]], "name must be text", .validatorErrors),
            (["name": "nobody", "times": "x"], "nobody is not greeted", .genericError),
        ]
        for (params, error, status) in cases {
            let call = await process.answer("greet", params)
            #expect(call.error == error)
            #expect(call.result?.status == status)
        }
        #expect(await process.answer("greet", ["name": "nobody"]).result?.error?.httpStatus == 410)
    }

    @Test("an ActionError chooses message, status, code and further members")
    func actionErrors() async throws {
        let process = try process()
        func fail(_ how: JSON) async -> (JSON, Int?) {
            let call = await process.answer("fail", ["how": how])
            #expect(call.result?.status == .genericError)
            return (call.response.data, call.result?.error?.httpStatus)
        }
        #expect(await fail("plain") == (["error": "no such thing"], 404))
        #expect(await fail("code") == (["error": "declined", "reason": "expired", "code": "E_CARD"], 402))
        #expect(await fail("numeric") == (["error": "teapot"], 418))
        #expect(await fail("payload") == (["error": ["deep": [1]]], 409))
        #expect(await fail("status") == (["error": "impossible"], nil))
        #expect(await fail("nan") == (["error": "x is nan, which cannot be encoded as JSON"], nil))
    }

    @Test("other errors are told to clients in development and kept from them in production")
    func unexpectedErrors() async throws {
        #expect(try await process().answer("fail", ["how": "odd"]).error == "disk 7 is full")
        let production = try process(environment: "production")
        #expect(await production.answer("fail", ["how": "odd"]).error == "the server could not complete this request")
        #expect(await production.answer("fail", ["how": "plain"]).error == "no such thing")
        #expect(await production.answer("fail", [:]).error == "how is a required parameter for this action")
        // The log is told in any case.
        let lines = try production.log().compactMap { $0["error"]?.stringValue }
        #expect(lines.first == "Error: disk 7 is full")
    }

    @Test("an error that the action put into its response stays there")
    func ownError() async throws {
        let call = try await process().answer("fail", ["how": "set by the action"])
        #expect(call.response.data == ["error": "set by the action", "y": 1])
        #expect(call.response.hasError)
        #expect(call.result?.status == .complete)
    }

    @Test("the texts are those of config/errors.yml")
    func texts() async throws {
        let process = try process([
            "errors": [
                "missingParams": "{{param}}, please", "unknownAction": "what?", "serverShuttingDown": "bye",
                "tooManyPendingActions": "slowly", "unsupportedServerType": "not by {{type}} or {{type}}",
            ]
        ])
        #expect(await process.answer("greet").error == "name, please")
        #expect(await process.answer("x").error == "what?")
        #expect(await process.answer("greet", pendingCount: 6).error == "slowly")
        process.process.processor.stopAccepting()
        #expect(await process.answer("greet").error == "bye")
    }

    @Test("a kind of connection that an action refuses is told so before its inputs are looked at")
    func blockedTypes() async throws {
        let process = try InMemoryProcess([.action(GreetBeta.self)])
        let call = await process.answer("greet", type: "web")
        #expect(call.error == "this action does not support the web connection type")
        #expect(call.result?.status == .unsupportedServerType)
        #expect(await process.answer("greet", type: "websocket").result?.status == .complete)
    }

    @Test("one request more than a connection may have under way is refused")
    func simultaneous() async throws {
        let process = try process()
        #expect(await process.answer("greet", ["name": "Ada"], pendingCount: 5).result?.status == .complete)
        let sixth = await process.answer("greet", ["name": "Ada"], pendingCount: 6)
        #expect(sixth.error == "you have too many pending requests")
        #expect(sixth.result?.status == .tooManyRequests)
        let strict = try self.process(["general": ["simultaneousActions": 1]])
        #expect(await strict.answer("greet", ["name": "Ada"], pendingCount: 2).result?.status == .tooManyRequests)
        // Also for an action that does not exist: the limit comes first.
        #expect(await strict.answer("x", pendingCount: 2).result?.status == .tooManyRequests)
    }

    @Test("a process that stops refuses whatever comes, and has drained when nothing runs any more")
    func shuttingDown() async throws {
        let process = try process()
        process.process.processor.stopAccepting()
        for name in ["greet", "x"] {
            let call = await process.answer(name, pendingCount: 9)
            #expect(call.error == "the server is shutting down")
            #expect(call.result?.status == .serverShuttingDown)
        }
        await process.process.processor.drain()
    }
}
