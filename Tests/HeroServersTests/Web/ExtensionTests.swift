// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroTestSupport
import Testing

@Suite("an extension in the path")
struct ExtensionTests {
    private func type(
        _ path: String, _ action: any Action.Type = Spoken.self, web: JSON = [:]
    ) async throws -> (type: String?, text: String) {
        var answer: (String?, String) = (nil, "")
        var setup = WebProcess.setup([action, Silent.self], web: web)
        setup.routes = [
            "get": [["path": "/say/:file", "action": "spoken"], ["path": "/mute/:file", "action": "silent"]]
        ]
        setup.environment = "production"
        try await WebProcess.serve(setup) { web in
            let response = try await web.request(path)
            answer = (response["content-type"], response.text)
        }
        return answer
    }

    @Test(
        "names the content type of text",
        arguments: [("a.txt", "text/plain"), ("a.CSV", "text/csv"), ("a.b.png", "image/png"), ("a.odd", "text/x-odd")])
    func text(_ file: String, _ expected: String) async throws {
        let answer = try await type("/api/say/\(file)?what=text", web: ["files": ["types": ["odd": "text/x-odd"]]])
        #expect(answer == (expected, "<b>said</b>"))
    }

    @Test(
        "makes no page or script of it, which only the action may",
        arguments: ["html", "htm", "svg", "xml", "js", "mjs", "pdf", "wasm", "unknown", "", "%2ehtml"])
    func active(_ suffix: String) async throws {
        let answer = try await type("/api/say/a.\(suffix)?what=text")
        #expect(answer == ("application/json; charset=utf-8", #""<b>said</b>""#))
    }

    @Test("leaves JSON what it is, whatever the extension says")
    func json() async throws {
        #expect(try await type("/api/say/a.json?what=json").type == "application/json")
        #expect(try await type("/api/say/a.png?what=json").type == "application/json; charset=utf-8")
        #expect(try await type("/api/say/a.json?what=failure").type == "application/json; charset=utf-8")
    }

    @Test("counts less than what the action has chosen, and nothing where it is switched off")
    func chosen() async throws {
        #expect(try await type("/api/say/a.txt?what=chosen").type == "text/x-own")
        #expect(try await type("/api/mute/a.txt").type == "application/json; charset=utf-8")
    }
}

private struct Spoken: Action {
    @Input("What to answer") var what: String

    func run(_ context: Context) async throws -> JSON {
        switch what {
        case "failure": throw ActionError("no")
        case "json": return ["a": 1]
        case "chosen": context.response.addHeader("Content-Type", "text/x-own")
        default: break
        }
        return "<b>said</b>"
    }
}

private struct Silent: Action {
    static let matchExtensionMimeType = false
    func run(_ context: Context) async throws -> JSON { "said" }
}
