// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroTestSupport
import Testing

@Suite("a byte order mark")
struct ByteOrderMarkTests {
    @Test(
        "before JSON or a form is no part of it",
        arguments: [
            ("application/json", "{\"name\":\"Ada\"}"), ("application/x-www-form-urlencoded", "name=Ada"),
            ("application/x-www-form-urlencoded; charset=iso-8859-1", "name=Ada"),
            (
                "multipart/form-data; boundary=X",
                "--X\r\nContent-Disposition: form-data; name=name\r\n\r\nAda\r\n--X--\r\n"
            ),
        ])
    func skipped(type: String, body: String) async throws {
        try await WebProcess.serve([Greet.self]) { web in
            let response = try await web.request(
                "/api/greet", method: "POST", headers: [("Content-Type", type)], body: "\u{FEFF}" + body)
            #expect(response.member("greeting") == "Hi Ada")
        }
    }

    @Test("alone is an empty body")
    func alone() async throws {
        try await WebProcess.serve([Greet.self]) { web in
            let response = try await web.request(
                "/api/greet?name=x", method: "POST", headers: [("Content-Type", "application/json")], body: "\u{FEFF}")
            #expect(response.status == 200)
        }
    }
}
