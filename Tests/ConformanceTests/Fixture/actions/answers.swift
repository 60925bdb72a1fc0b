// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero

// Actions of the application that the recordings were made with: what an answer can be.

private struct LateError: Error, CustomStringConvertible {
    let description: String
}

struct SetHeaders: Action {
    static let description = "fixture setHeaders"

    @Input("a status") var code: Int?

    func run(_ context: Context) async throws -> JSON {
        context.response.addHeader("X-Foo", "bar")
        context.response.addHeader("x-foo", "bar2")
        context.response.addHeader("Set-Cookie", "value_1=1")
        context.response.addHeader("Set-Cookie", "value_2=2")
        context.response.setHeader("X-Set", "direct")
        if let code { context.response.status = code }
        return ["ok": true]
    }
}

struct RespondAs: Action {
    static let description = "fixture respondAs"

    @Input("which answer") var kind: String?

    func run(_ context: Context) async throws -> JSON {
        switch kind {
        case "string": return "a plain string"
        case "array": return [1, "two", ["three": 3]]
        case "text":
            context.response.addHeader("Content-Type", "text/plain")
            return "raw text, \"not\" JSON"
        case "textObject":
            context.response.addHeader("Content-Type", "text/plain")
            return ["a": 1]
        case "jsonApi":
            context.response.addHeader("Content-Type", "application/vnd.api+json")
            return ["a": 1]
        case "stringThrow":
            context.response.data = "a plain string"
            throw LateError(description: "late")
        case "arrayThrow":
            context.response.data = [1, 2]
            throw LateError(description: "late")
        case "unicode":
            return ["text": "h\u{E9}llo \u{2713} \u{1F600} / </script> \"q\" \\ \u{2028} \u{1} \t"]
        case "numbers": return Self.numbers
        case "number": return 42
        case "null": return nil
        default: return [:]
        }
    }

    private static let numbers: JSON = [
        "i": 1, "f": 1.5, "e": 1e21, "s": 1e-7, "neg": .number(-0.0), "big": .number(9_007_199_254_740_993), "nan": nil,
        "inf": nil, "n": nil, "d": "1970-01-01T00:00:00.000Z", "arr": [nil, nil],
    ]
}

struct PipeAction: Action {
    static let description = "fixture pipeAction"

    @Input("which answer") var kind: String?

    func run(_ context: Context) async throws -> NoOutput {
        // The reference's `pipe` sends nothing else.
        context.response.hasConfiguredHeaders = false
        switch kind {
        case "buffer":
            context.response.send(Array("buffer body".utf8), headers: ["Content-Type": "application/octet-stream"])
        case "contentType":
            context.response.send("a piped text", headers: ["Content-Type": "text/plain", "X-Piped": "yes"])
        default: context.response.send("a string", headers: ["Custom-Header": "cool"])
        }
        return NoOutput()
    }
}

struct SendFixtureFile: Action {
    static let description = "fixture sendFixtureFile"

    @Input("a public file") var path: String?
    @Input("how") var mode: String?

    func run(_ context: Context) async throws -> NoOutput {
        if mode == "stream" {
            context.response.send("streamed fixture body", headers: ["Content-Type": "text/plain"])
            return NoOutput()
        }
        if mode == "cacheControl" { context.response.addHeader("Cache-Control", "no-store") }
        context.response.send(file: path ?? "")
        return NoOutput()
    }
}
