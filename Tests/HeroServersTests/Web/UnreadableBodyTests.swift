// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroTestSupport
import Testing

@Suite("a body that cannot be read")
struct UnreadableBodyTests {
    private func post(
        _ type: String, _ body: [UInt8], web: JSON = [:], _ check: (HTTPResponse) throws -> Void
    ) async throws {
        try await WebProcess.serve([Echo.self, Greet.self], web: web) { web in
            let head =
                "POST /api/greet?name=x HTTP/1.1\r\nHost: a\r\nContent-Type: \(type)\r\nContent-Length: \(body.count)\r\n\r\n"
            let following = "GET /api/greet?name=y HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            let responses = try await web.raw(Array(head.utf8) + body + Array(following.utf8))
            #expect(responses.count == 2)
            try check(responses[0])
            // The request was read whole, so the connection is as good as before.
            let next = try responses[1].json["greeting"]
            #expect(next == "Hi y")
        }
    }

    @Test(
        "is refused with 400 when it is no JSON",
        arguments: [
            ("{", "unexpected end of input at byte 1"), ("{\"a\":}", "unexpected character '}' at byte 5"),
            ("{a:1}", "unexpected character 'a' at byte 1"), ("[1,]", "unexpected character ']' at byte 3"),
            ("1 2", "unexpected character '2' at byte 2"), ("\u{FEFF}\u{FEFF}{}", "unexpected byte 0xef at byte 0"),
            ("{\"a\":\"\n\"}", "unexpected byte 0xa at byte 6"), ("01", "unexpected character '1' at byte 1"),
            ("nul", "unexpected end of input at byte 3"), ("NaN", "unexpected character 'N' at byte 0"),
            ("{\"a\":\"\\x\"}", "unexpected character 'x' at byte 7"),
        ])
    func json(body: String, reason: String) async throws {
        try await post("application/json", Array(body.utf8)) { response in
            #expect(response.status == 400)
            #expect(response.error == "the body is not valid JSON: \(reason)")
            #expect(response["connection"] == "keep-alive")
        }
    }

    @Test("is refused with 400 when its text is no UTF-8 or it nests too deeply")
    func bytes() async throws {
        try await post("application/json", Array("{\"a\":\"".utf8) + [0xFF] + Array("\"}".utf8)) { response in
            #expect(response.status == 400)
            #expect(response.error == "the body is not valid JSON: invalid UTF-8 at byte 6")
        }
        try await post("application/json", [UInt8](repeating: UInt8(ascii: "["), count: 100_000)) { response in
            #expect(response.status == 400)
            #expect(response.error == "the body is not valid JSON: values nest deeper than 512 levels at byte 512")
        }
    }

    @Test(
        "is refused with 415 when its type is unknown",
        arguments: ["text/plain", "text/XML", "image/png"])
    func type(type: String) async throws {
        try await post(type, Array("x".utf8)) { response in
            #expect(response.status == 415)
            #expect(response.error == "a body of type \(type.lowercased()) cannot be read; send JSON or a form")
        }
    }

    @Test("is ignored and logged where the configuration says so")
    func lenient() async throws {
        for (type, body) in [("text/plain", "x"), ("application/json", "{")] {
            try await post(type, Array(body.utf8), web: ["rejectUnreadableBodies": false]) { response in
                #expect(response.status == 200)
                let greeting = try response.json["greeting"]
                #expect(greeting == "Hi x")
            }
        }
    }

    @Test("is not looked at when its type is not said")
    func untyped() async throws {
        try await WebProcess.serve([Greet.self]) { web in
            let response = try await web.request("/api/greet?name=x", method: "POST", body: "{")
            #expect(response.status == 200)
        }
    }
}
