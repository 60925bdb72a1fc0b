// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Testing

@Suite("docs/differences.md")
struct DifferencesDocumentTests {
    private static let titles =
        (RecordedTopics.http + RecordedTopics.lifecycle + RecordedTopics.cache + RecordedTopics.rpc
        + RecordedTopics.queues)
        .map(\.title)

    @Test("every case that it lists has been recorded")
    func listsRecordedCases() throws {
        for entry in try DocumentedDifferences.document.get().entries {
            for name in entry.cases {
                #expect(
                    Self.titles.contains { DocumentedDifferences.fits(name, $0) }, "\(entry.section) lists `\(name)`")
            }
        }
    }

    @Test("every entry says what differs")
    func hasDifferences() throws {
        let entries = try DocumentedDifferences.document.get().entries
        #expect(!entries.isEmpty)
        for entry in entries { #expect(!entry.differences.isEmpty, "\(entry.section): \(entry.cases)") }
    }

    @Test("an entry for many cases applies to at least one of them")
    func wildcardsApply() throws {
        let exchanges = try RecordedTopics.http.map { ($0.title, try HTTPExchange($0).recorded) }
        for entry in try DocumentedDifferences.document.get().entries {
            for difference in entry.differences {
                for pattern in entry.cases where pattern.contains("*") {
                    let applies = exchanges.contains { title, fields in
                        DocumentedDifferences.fits(pattern, title)
                            && fields.contains { $0.field == difference.field && $0.value == difference.recorded }
                    }
                    #expect(applies, "\(entry.section): \(difference)")
                }
            }
        }
    }

    @Test("cases, fields and values are read from its fences")
    func isRead() throws {
        let text = """
            # Title
            ```diff
            @@ not under a section: x
            ```
            ## Section
            ```diff
            @@ a: one
            @@ b-*: *
             status
            -1
            +2
             line
            -gone
            +new
            @@ c: three
             body.x
            +"y"
            ```
            """
        let entries = try DocumentedDifferences(parsing: text).entries.filter { $0.section == "Section" }
        try #require(entries.count == 2)
        #expect(entries[0].cases == ["a: one", "b-*: *"])
        #expect(
            entries[0].differences == [
                Difference(field: "status", recorded: "1", ours: "2"),
                Difference(field: "line", recorded: "gone", ours: nil),
                Difference(field: "line", recorded: nil, ours: "new"),
            ])
        #expect(entries[1].differences == [Difference(field: "body.x", recorded: nil, ours: "\"y\"")])
        #expect(throws: DocumentedDifferences.Unreadable.self) {
            try DocumentedDifferences(parsing: "```diff\n-no case\n```")
        }
    }
}
