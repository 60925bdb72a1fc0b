// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ActionHero

@Suite("the framing of a server-sent event")
struct ServerSentEventTests {
    private func text(_ event: ServerSentEvent) -> String { String(decoding: event.bytes, as: UTF8.self) }

    @Test(
        "has one line of data for each line of text, however lines end",
        arguments: [
            ("one", "data: one\n\n"), ("", "data: \n\n"), ("a\nb", "data: a\ndata: b\n\n"),
            ("a\r\nb\rc", "data: a\ndata: b\ndata: c\n\n"), ("a\n", "data: a\ndata: \n\n"),
            ("\r\r\n\n", "data: \ndata: \ndata: \ndata: \n\n"), (" led", "data:  led\n\n"), ("ü✓", "data: ü✓\n\n"),
        ])
    func data(_ data: String, _ expected: String) {
        #expect(text(ServerSentEvent(data)) == expected)
    }

    @Test("names type, id and time before the data")
    func fields() {
        let event = ServerSentEvent("x", event: "tick", id: "17", retryMilliseconds: 500)
        #expect(text(event) == "event: tick\nid: 17\nretry: 500\ndata: x\n\n")
        #expect(text(ServerSentEvent("x", retryMilliseconds: -1)) == "data: x\n\n")
    }

    @Test("cannot be made to hold an event that somebody put into a type or an id")
    func injection() {
        let event = ServerSentEvent("x", event: "a\n\ndata: evil", id: "1\r\ndata: evil\0\n")
        #expect(text(event) == "event: adata: evil\nid: 1data: evil\ndata: x\n\n")
    }

    @Test("of JSON is one line")
    func json() {
        #expect(text(ServerSentEvent(json: ["a": ["b\n": 1]])) == #"data: {"a":{"b\n":1}}"# + "\n\n")
    }
}
