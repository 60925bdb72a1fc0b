// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Testing

/// The replay is worth what its comparison sees.
@Suite("The comparison of answers")
struct ComparisonTests {
    private let masks = Masks([]).adding("uuid", "requestDuration")

    @Test("volatile parts are hidden, and nothing else")
    func masksVolatileParts() {
        let text = #"{"id":"94077aba-07af-409c-aa2b-271a380146f7","requestDuration": 7,"n":7}"#
        #expect(masks.apply(text) == #"{"id":"<uuid>",<requestDuration>,"n":7}"#)
        #expect(masks.adding("no such pattern").patterns.count == 2)
    }

    @Test("members that are missing, new, changed or in another place are told apart")
    func comparesJSON() throws {
        let recorded = #"{"a":1,"b":{"c":[1,2],"d":null},"gone":true,"requestDuration":1}"#
        let ours = #"{"b":{"d":null,"c":[1,3]},"a":1,"requestDuration":25,"new":"x"}"#
        let differences = try #require(JSONDifferences.between(recorded, ours, masks: masks))
        #expect(
            Set(differences) == [
                Difference(field: "body order", recorded: "a, b, requestDuration", ours: "b, a, requestDuration"),
                Difference(field: "body.b order", recorded: "c, d", ours: "d, c"),
                Difference(field: "body.b.c[1]", recorded: "2", ours: "3"),
                Difference(field: "body.gone", recorded: "true", ours: nil),
                Difference(field: "body.new", recorded: nil, ours: "\"x\""),
            ])
        #expect(JSONDifferences.between("text", ours, masks: masks) == nil)
    }

    @Test("lines that are missing, new or in another place are found")
    func comparesLines() {
        #expect(Difference.betweenLines(["a", "b"], ["a", "b"]).isEmpty)
        #expect(
            Set(Difference.betweenLines(["a", "b", "c"], ["b", "c", "d"])) == [
                Difference(field: "line", recorded: "a", ours: nil),
                Difference(field: "line", recorded: nil, ours: "d"),
            ])
        #expect(Difference.betweenLines(["a", "b"], ["b", "a"]).count == 2)
    }

    @Test("fields of one side only are differences")
    func comparesFields() {
        #expect(
            Difference.between([("status", "200"), ("x", "1")], [("status", "404"), ("y", "2")]) == [
                Difference(field: "status", recorded: "200", ours: "404"),
                Difference(field: "x", recorded: "1", ours: nil), Difference(field: "y", recorded: nil, ours: "2"),
            ])
    }

    @Test("every recorded topic has cases, each with a name of its own")
    func hasCases() {
        let titles = (RecordedTopics.http + RecordedTopics.lifecycle).map(\.title)
        #expect(titles.count > 150)
        #expect(Set(titles).count == titles.count)
        for title in Pending.cases.keys { #expect(titles.contains(title), "\(title) is not recorded") }
    }
}
