// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ActionHero

@Suite("cookies and headers of an answer to a test")
struct SpecResponseTests {
    /// 29 November 2026, 20:00:00 GMT.
    private static let now = 1_795_982_400

    private func answer(_ headers: [(name: String, value: String)]) -> SpecResponse {
        SpecResponse(status: 200, headers: headers, body: [], isComplete: true, receivedAt: Self.now)
    }

    @Test(
        "a cookie is removed as browsers do it: by Max-Age, by a date that has passed, and by Max-Age where both are there",
        arguments: [
            ("a=1", false), ("a=1; Max-Age=0", true), ("a=1; max-age=-5", true), ("a=1; Max-Age=5", false),
            ("a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", true), ("a=1; expires=Thu, 01-Jan-70 00:00:00 GMT", true),
            ("a=1; Expires=Sun, 29 Nov 2026 20:00:00 GMT", true), ("a=1; Expires=Sun, 29 Nov 2026 20:00:01 GMT", false),
            ("a=1; Expires=Sun Nov 29 19:59:59 2026", true), ("a=1; Expires=soon", false),
            ("a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=5", false),
            ("a=1; Max-Age=0; Expires=Fri, 01 Jan 2100 00:00:00 GMT", true), ("a=1; Max-Age=x", false),
        ])
    func removal(_ header: String, _ isRemoved: Bool) {
        let answer = answer([("Set-Cookie", header)])
        #expect(answer.cookies == (isRemoved ? [:] : ["a": "1"]))
        #expect(answer.receivedCookies.map(\.value) == [isRemoved ? nil : "1"])
    }

    @Test("names are compared by bytes, and only letters of ASCII have capitals in a header's name")
    func names() {
        let answer = answer([
            ("set-coo\u{212A}ie", "kelvin=1"), ("SET-COOKIE", "e\u{301}=a"), ("Set-Cookie", "\u{E9}=b"),
        ])
        #expect(answer.receivedCookies.map { Array($0.name.utf8) } == [Array("e\u{301}".utf8), Array("\u{E9}".utf8)])
        #expect(answer.receivedCookies.map(\.value) == ["a", "b"])
        #expect(answer.header("set-cookie") == "e\u{301}=a")
        #expect(answer.header("set-coo\u{212A}ie") == "kelvin=1")
    }

    @Test("a session keeps names apart that only look the same")
    func session() {
        let session = Session()
        session["e\u{301}"] = 1
        session["\u{E9}"] = 2
        #expect(session["e\u{301}"] == 1 && session["\u{E9}"] == 2)
    }
}
