// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

extension BadInput {
    /// Bytes that are no UTF-8, in every place where a string can arrive.
    @Suite("text that is no UTF-8")
    struct Texts {
        private static let end: BytesOrText = "Connection: close\r\n\r\n"

        private static func text(_ response: HTTPResponse?) -> String {
            guard let body = response?.body else { return "" }
            return String(validating: body, as: UTF8.self) ?? "the answer is no UTF-8"
        }

        @Test("in the path, is an unknown action or file")
        func path() async throws {
            try await BadInput.serve { hero in
                for (path, text) in [
                    ("/api/", "unknown action or invalid apiVersion"), ("/", "that file is not found"),
                ] {
                    for bad: [BytesOrText] in [
                        [[0xFF]], [[0xC3, 0x28]], ["%FF"], ["%C3%28"], ["%ED%A0%80"], [[0xED, 0xA0, 0x80]],
                    ] {
                        let request: [BytesOrText] =
                            ["GET ", .text(path)] + bad + [" HTTP/1.1\r\nHost: a\r\n", Self.end]
                        let responses = try await hero.raw(request.flatMap(\.bytes))
                        #expect(responses.map(\.status) == [404])
                        #expect(Self.text(responses.first).contains(text))
                    }
                }
                // In a file extension, which actions can ask for.
                let response = try await hero.raw("GET /api/mirror.", [0xFF], " HTTP/1.1\r\nHost: a\r\n", Self.end)
                #expect(response.map(\.status) == [404])
            }
        }

        @Test("in the query, becomes U+FFFD where it is raw and stays escaped where it is escaped")
        func query() async throws {
            try await BadInput.serve { hero in
                let responses = try await hero.raw(
                    "GET /api/mirror?a=", [0xFF], "b&c", [0xC3], "=d&e=%FF&%FE=f&apiVersion=1 HTTP/1.1\r\nHost: a\r\n",
                    Self.end)
                #expect(responses.map(\.status) == [200])
                let text = Self.text(responses.first)
                for member in [#""a": "\#u{FFFD}b""#, #""c\#u{FFFD}": "d""#, #""e": "%FF""#, #""%FE": "f""#] {
                    #expect(text.contains(member), "\(member)")
                }
                let version = try await hero.raw(
                    "GET /api/mirror?apiVersion=", [0xFF], " HTTP/1.1\r\nHost: a\r\n", Self.end)
                #expect(version.map(\.status) == [404])
                let callback = try await hero.raw(
                    "GET /api/mirror?callback=", [0xFF], " HTTP/1.1\r\nHost: a\r\n", Self.end)
                #expect(Self.text(callback.first).hasPrefix("\u{FFFD}({"))
            }
        }

        @Test("in the values of headers and cookies, becomes U+FFFD; in their names and in Host it is refused")
        func headers() async throws {
            try await BadInput.serve { hero in
                let responses = try await hero.raw(
                    "GET /api/mirror HTTP/1.1\r\nHost: a\r\nX-Bad: a", [0xC3], "b\r\nCookie: sessionID=",
                    [0xFE],
                    "; other", [0x80], "=", [0x81], "\r\n", Self.end)
                #expect(responses.map(\.status) == [200])
                let text = Self.text(responses.first)
                #expect(text.contains("\"X-Bad\": \"a\u{FFFD}b\""))
                #expect(text.contains("\"other\u{FFFD}\": \"\u{FFFD}\""))
                // What cannot be a fingerprint counts as none.
                #expect(text.contains(/"fingerprint": "[0-9a-f]{40}"/))
                let host = try await hero.raw("GET /api/mirror HTTP/1.1\r\nHost: ", [0xFF], "\r\n", Self.end)
                #expect(host.map(\.status) == [400])
                let named = try await hero.raw("GET /api/mirror HTTP/1.1\r\nHost: a\r\nX", [0xFF], ": y\r\n", Self.end)
                #expect(named.map(\.status) == [400])
                #expect(named.first?.errorText == "a header is malformed")
                let session = try await hero.raw(
                    "GET /api/mirror HTTP/1.1\r\nHost: a\r\nX-SessionID: ", [0xFF], "\r\n", Self.end)
                #expect(Self.text(session.first).contains(/"fingerprint": "[0-9a-f]{40}"/))
            }
        }

        @Test("in the method is refused with 400")
        func method() async throws {
            try await BadInput.serve { hero in
                let responses = try await hero.raw([0x47, 0xFF, 0x54], " / HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(responses.map(\.status) == [400])
                #expect(responses.first?.errorText == "the method is malformed")
            }
        }

        private func post(
            _ hero: RunningHero, type: [BytesOrText], _ body: BytesOrText...
        ) async throws -> HTTPResponse? {
            let body = body.flatMap(\.bytes)
            let head: [BytesOrText] =
                ["POST /api/mirror HTTP/1.1\r\nHost: a\r\nContent-Type: "] + type
                + [.text("\r\nContent-Length: \(body.count)\r\n"), Self.end]
            return try await hero.raw(head.flatMap(\.bytes) + body).first
        }

        @Test("in a form becomes U+FFFD, in JSON it is refused with 400, in a content type it is an unknown type")
        func bodies() async throws {
            try await BadInput.serve { hero in
                let form = try await post(
                    hero, type: ["application/x-www-form-urlencoded"], "a=", [0xFF], "&b", [0xFE], "=c&d=%FF")
                #expect(form?.status == 200)
                for member in ["\"a\": \"\u{FFFD}\"", "\"b\u{FFFD}\": \"c\"", "\"d\": \"%FF\""] {
                    #expect(Self.text(form).contains(member))
                }
                for body: [BytesOrText] in [[#"{"a":""#, [0xFF], #""}"#], [#"{""#, [0xC3, 0x28], #"":1}"#]] {
                    let json = try await post(hero, type: ["application/json"], .raw(body.flatMap(\.bytes)))
                    #expect(json?.status == 400)
                    #expect(json?.errorText?.hasPrefix("the body is not valid JSON: invalid UTF-8 at byte ") == true)
                }
                let raw = try await post(hero, type: ["application/json"], [0xFF])
                #expect(raw?.errorText == "the body is not valid JSON: unexpected byte 0xff at byte 0")
                let type = try await post(hero, type: ["text/", [0xFF]], "x")
                #expect(type?.status == 415)
                #expect(type?.errorText == "a body of type text/\u{FFFD} cannot be read; send JSON or a form")
            }
        }

        @Test("or is a line break, in what a bundle sets as header, is left out with a warning")
        func responseHeaders() async throws {
            try await BadInput.serve { hero in
                for (name, value) in [
                    ("X-A", "a%0D%0AX-Evil:%20b"), ("X-A", "a%00b"), ("X-A", "a%0Ab"), ("X%0D%0AX-Evil", "b"),
                    ("X%20A", "b"),
                    ("", "b"), ("X%C3%A9", "b"), ("Content-Length", "1"), ("Transfer-Encoding", "chunked"),
                ] {
                    let response = try await hero.request("/api/header?name=\(name)&value=\(value)")
                    #expect(response.status == 200 || name.isEmpty && response.status == 422, "\(name): \(value)")
                    #expect(response["X-Evil"] == nil)
                    #expect(response["X-A"] == nil)
                    #expect(!response.headers.contains { $0.value.contains("Evil") && $0.name != "set-cookie" })
                }
                try await hero.line(containing: "an action set a header that cannot be sent; it is left out")
                let good = try await hero.request("/api/header?name=X-Good&value=%C3%A9")
                #expect(good["X-Good"]?.contains("é") == true)
            }
        }

        @Test("a status that is none is ignored with a warning")
        func statuses() async throws {
            try await BadInput.serve { hero in
                for status in [
                    "0", "-1", "99", "100", "199", "600", "1000", "9223372036854775807", "-9223372036854775808",
                ] {
                    let response = try await hero.request("/api/status?status=\(status)")
                    #expect(response.status == 200, "\(status)")
                }
                try await hero.line(containing: "an action chose an impossible HTTP status; it is ignored")
                #expect(try await hero.request("/api/status?status=599").status == 599)
            }
        }
    }
}
