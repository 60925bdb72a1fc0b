// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroBundles
import HeroRuntime
import Testing

@Suite("what actions and middleware put into a response")
struct ActionResponseTests {
    private struct Echo: Action {
        @Input("known") var known: String?
        @Input("file", name: "file") var payload: JSON?
        func run(_ context: Context) async throws -> JSON { .object(context.params) }
    }

    private struct Answer: Action {
        @Input("how") var how: String

        func run(_ context: Context) async throws -> JSON {
            switch how {
            case "text": return "text"
            case "list": return [1]
            case "null": return nil
            case "replace":
                context.response.data = ["replaced": true]
                return ["added": 1]
            case "bytes":
                context.response.send([1, 2], headers: ["Content-Type": "a/b", "Bad\r\nHeader": "x"])
                return [:]
            case "headers":
                context.response.status = 201
                context.response.status = 1000
                context.response.addHeader("X-A", "1")
                context.response.addHeader("X-A", "2")
                context.response.addHeader("X-Bad", "a\r\nSet-Cookie: b=c")
                context.response.addHeader("", "x")
                context.response.setHeader("X-First", "1")
                context.response.setHeader("x-first", "2")
                return [:]
            case "fail over text":
                context.response.data = "text"
                throw ActionError("no", fields: ["a": 1])
            case "fail over list":
                context.response.data = [1]
                throw ActionError("no")
            case "fail over members":
                context.response.data = ["a": 1]
                throw ActionError("no", fields: ["a": 2, "b": 3])
            case "fail over number":
                context.response.data = 5
                throw ActionError("no")
            default: throw ActionError(how)
            }
        }
    }

    private struct Extra: ActionMiddleware {
        static let isGlobal = true
        func before(_ context: Context) async throws {
            context.response["fromMiddleware"] = 1
            context.response["added"] = 0
        }
    }

    private func answer(_ how: JSON, _ types: [BundleType] = []) async throws -> ActionCall {
        try await InMemoryProcess([.action(Answer.self)] + types).answer("answer", ["how": how])
    }

    @Test("an output that is no object is the whole response")
    func scalars() async throws {
        #expect(try await answer("text").response.data == "text")
        #expect(try await answer("list").response.data == [1])
        #expect(try await answer("null").response.data == .null)
        #expect(try await answer("text", [.actionMiddleware(Extra.self)]).response.data == "text")
        var bytes: [UInt8] = [7]
        let text = try await answer("text").response
        #expect(text.openObject(in: &bytes, indent: nil) == nil)
        #expect(bytes == [7], "nothing is left of the attempt")
    }

    @Test("an output's members join those of middleware and win over them")
    func merging() async throws {
        let merged = try await answer("replace", [.actionMiddleware(Extra.self)]).response.data
        #expect(merged.description == #"{"replaced":true,"added":1}"#)
        let text = try await answer("bytes", [.actionMiddleware(Extra.self)]).response.data.description
        #expect(text == #"{"fromMiddleware":1,"added":0}"#)
    }

    @Test("an error joins members, and takes the place of text and lists")
    func errors() async throws {
        #expect(try await answer("fail over text").response.data == "Error: no")
        #expect(try await answer("fail over list").response.data == "Error: no")
        #expect(try await answer("fail over members").response.data == ["a": 1, "error": "no", "b": 3])
        #expect(try await answer("fail over number").response.data == ["error": "no"])
    }

    @Test("an impossible status and headers with line breaks are left out, with a warning")
    func headers() async throws {
        let process = try InMemoryProcess([.action(Answer.self)])
        let response = await process.answer("answer", ["how": "headers"]).response
        #expect(response.status == 201)
        #expect(response.headers.map { "\($0.name): \($0.value)" } == ["X-A: 1", "X-A: 2"])
        #expect(response.directHeaders.map { "\($0.name): \($0.value)" } == ["x-first: 2"])
        let warnings = try process.log().filter { $0["level"] == "warning" }.compactMap { $0["message"]?.stringValue }
        #expect(
            warnings == [
                "an action chose an impossible HTTP status; it is ignored",
                "an action set a header that cannot be sent; it is left out",
                "an action set a header that cannot be sent; it is left out",
            ])
        #expect(await process.answer("answer", ["how": "bytes"]).response.body?.headers.map(\.name) == ["Content-Type"])
    }

    @Test("actions see their inputs and the framework's parameters, and others only without scrubbing")
    func scrubbing() async throws {
        struct Plain: Action {
            @Input("known") var known: String?
            func run(_ context: Context) async throws -> JSON { .object(context.params) }
        }
        let params: JSON.Object = ["known": "a", "other": 1, "callback": "f", "messageId": "m", "apiVersion": 1]
        let scrubbed = try await InMemoryProcess([.action(Plain.self)]).answer("plain", params)
        #expect(
            scrubbed.response.data.objectValue?.names == ["known", "callback", "messageId", "apiVersion", "action"])
        let all = try await InMemoryProcess(
            [.action(Plain.self)], overrides: ["general": ["disableParamScrubbing": true]]
        ).answer("plain", params)
        #expect(all.response.data["other"] == 1)
    }

    @Test("an input with a name of the framework's own stops the boot")
    func reserved() {
        #expect {
            try InMemoryProcess([.action(Echo.self)])
        } throws: {
            "\($0)".contains("input `file` in action `echo` is a reserved param")
        }
    }
}
