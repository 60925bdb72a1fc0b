// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroTestSupport
import Testing

@testable import HeroServers

@Suite("what a client sends arrives as it was sent")
struct ExactTextTests {
    private struct Amounts: Action {
        @Input("wide") var wide: UInt64?
        @Input("text") var text: String?
        @Input("texts") var texts: [String]?
        @Input("any") var any: JSON?

        struct Output: Encodable {
            let wide: UInt64?
            let text: String?
            let texts: [String]?
            let any: JSON?
        }

        func run(_ context: Context) async throws -> Output { Output(wide: wide, text: text, texts: texts, any: any) }
    }

    private struct ShowCookies: Action {
        func run(_ context: Context) async throws -> [String: String] { context.connection.request?.cookies ?? [:] }
    }

    @Test(
        "cookies end at a semicolon, and hold as many equals signs as they like",
        arguments: [
            ("a=b=c", [("a", "b=c")]), ("t=YWJj==; u=1", [("t", "YWJj=="), ("u", "1")]), ("a==", [("a", "=")]),
            ("a=", [("a", "")]), ("=v", [("", "v")]), ("a; b=1", [("b", "1")]),
            ("a=1;b=x=y=;c=3", [("a", "1"), ("b", "x=y="), ("c", "3")]),
            ("a=1;\u{301}b=2", [("a", "1"), ("\u{301}b", "2")]), ("a=\u{301}", [("a", "\u{301}")]),
        ] as [(String, [(String, String)])])
    func cookies(header: String, expected: [(String, String)]) {
        let found = Cookies.parse(header)
        #expect(found.map(\.name) == expected.map(\.0) && found.map(\.value) == expected.map(\.1))
    }

    @Test("numbers of a JSON body keep their digits on the way to an action and back")
    func numbers() async throws {
        try await WebProcess.serve(WebProcess.setup([Amounts.self])) { web in
            let body = #"{"wide":18446744073709551615,"text":12345678901234567890123,"any":[0.12345678901234567890]}"#
            let request =
                "POST /api/amounts HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
            let response = try #require(try await web.raw(request).first)
            #expect(response.status == 200)
            #expect(response.member("wide")?.numberLiteral == "18446744073709551615")
            #expect(response.member("text") == "12345678901234567890123")
            #expect(response.member("any")?.description == "[0.12345678901234567890]")
        }
    }

    @Test(
        "a number of a JSON body is a text that says as much, in lists too",
        arguments: [
            ("0.0", "0"), ("0e0", "0"), ("0.00", "0"), ("-0.0", "0"), ("-0", "0"), ("0E-3", "0"), ("0", "0"),
            ("1.10", "1.1"), ("1e5", "100000"), ("-2.0", "-2"), ("1e39", "1" + String(repeating: "0", count: 39)),
            ("1e40", "1e+40"), ("1.5e300", "1.5e+300"),
        ])
    func numbersAsText(number: String, text: String) async throws {
        try await WebProcess.serve(WebProcess.setup([Amounts.self])) { web in
            let response = try await web.request(
                "/api/amounts", method: "POST", headers: [("Content-Type", "application/json")],
                body: #"{"text":\#(number),"texts":[\#(number)]}"#)
            #expect(response.status == 200)
            #expect(response.member("text") == .string(text))
            #expect(response.member("texts") == [.string(text)])
        }
    }

    @Test("a number that the declared type cannot hold is refused")
    func tooLarge() async throws {
        try await WebProcess.serve(WebProcess.setup([Amounts.self])) { web in
            let response = try await web.request("/api/amounts?wide=18446744073709551616")
            #expect(response.status == 422)
            #expect(response.error == "wide must be between 0 and \(UInt64.max)")
        }
    }

    @Test("cookies reach the action whole")
    func cookiesOfAction() async throws {
        try await WebProcess.serve(WebProcess.setup([ShowCookies.self])) { web in
            let responses = try await web.raw(
                "GET /api/showCookies HTTP/1.1\r\nHost: a\r\nCookie: token=eyJh==; b=1\r\nConnection: close\r\n\r\n")
            #expect(responses.first?.member("token") == "eyJh==")
        }
    }

    @Test("the version of a route is a number where it is one")
    func versions() async throws {
        let routes: JSON = [
            "get": [
                ["path": "/one", "action": "greet", "apiVersion": "1"],
                ["path": "/two", "action": "greet", "apiVersion": "1.10"],
            ]
        ]
        try await WebProcess.serve(.init(actions: [Greet.self], routes: routes)) { web in
            let one = try await web.request("/api/one?name=x").member("requesterInformation")
            #expect(one?["receivedParams"]?["apiVersion"] == 1)
            let two = try await web.request("/api/two?name=x").member("requesterInformation")
            #expect(two?["receivedParams"]?["apiVersion"] == "1.10")
        }
    }

    @Test("public files whose names only look alike answer their own content, and an accent hides no slash")
    func files() async throws {
        let setup = WebProcess.Setup(files: [
            "public/caf\u{E9}.txt": "composed", "public/\u{301}/x": "", "secret.txt": "s",
        ])
        try await WebProcess.serve(setup) { web in
            // The two names are one key to a dictionary of Swift's, as above.
            try web.project.write("decomposed", to: "public/cafe\u{301}.txt")
            // Twice, since the second time memory answers.
            for _ in 0..<2 {
                #expect(try await web.request("/caf%C3%A9.txt").text == "composed")
                #expect(try await web.request("/cafe%CC%81.txt").text == "decomposed")
                #expect(try await web.request("/caf\u{E9}.txt").text == "composed")
                #expect(try await web.request("/cafe\u{301}.txt").text == "decomposed")
            }
            #expect(StaticFileServer.normalized("a/../\u{301}/x") == "\u{301}/x")
            #expect(StaticFileServer.normalized("../\u{301}/../x") == nil)
            #expect(try await web.request("/..%2F%CC%81/../secret.txt").status == 404)
        }
    }

    @Test("an expression of a route that others need minutes for is answered at once")
    func expressions() async throws {
        let routes: JSON = ["get": [["path": "/re/:id(^(a+)+$)", "action": "greet"]]]
        try await WebProcess.serve(.init(actions: [Greet.self], routes: routes)) { web in
            let path = String(repeating: "a", count: 4000)
            let (fits, another) = (
                try await web.request("/api/re/\(path)?name=x"), try await web.request("/api/re/\(path)!")
            )
            #expect(fits.status == 200 && another.status == 404)
        }
    }
}
