// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroRedis
import Testing

@Suite("the search for a primary")
struct SentinelSearchTests {
    private let sentinels = [1, 2, 3].map { NodeAddress(host: "s", port: $0) }
    private func address(_ port: Int) -> RESPValue { .array([.bytes(Array("p".utf8)), .bytes(Array("\(port)".utf8))]) }

    @Test("sentinels are asked in order until one names a server that says it is the primary")
    func order() {
        var search = SentinelSearch(name: "main")
        #expect(search.begin(sentinels) == .ask(sentinels[0], delay: 0))
        #expect(search.failed("connection refused") == .ask(sentinels[1], delay: 0))
        #expect(search.answered(.null) == .ask(sentinels[2], delay: 0))
        #expect(search.answered(address(9)) == .connect(NodeAddress(host: "p", port: 9)))
    }

    @Test("a server that is no primary costs a pause, and the next sentinel is asked")
    func wrongRole() {
        var search = SentinelSearch(name: "main")
        _ = search.begin(sentinels)
        _ = search.answered(address(9))
        #expect(search.failed("READONLY the server's role is slave, not master") == .ask(sentinels[1], delay: 50))
    }

    @Test("rounds begin again later and later, up to a second; the report has every sentinel's latest reason")
    func rounds() {
        var search = SentinelSearch(name: "main")
        var waits: [Int] = []
        for _ in 0..<150 {
            _ = search.begin(sentinels)
            _ = search.failed("connection refused")
            _ = search.answered(.null)
            _ = search.answered(address(9))
            if case .wait(let pause) = search.failed("its role is `slave`") { waits.append(pause) }
        }
        #expect(waits.count == 150 && waits.first == 50 && waits[9] == 100 && waits.last == 1000)
        #expect(
            search.report == """
                no primary called `main` was found – s:1: connection refused; s:2: knows no primary called `main`; \
                s:3: named p:9: its role is `slave`
                """)
    }

    @Test("without sentinels there is a report and no crash")
    func none() {
        var search = SentinelSearch(name: "main")
        #expect(search.begin([]) == .wait(10))
        #expect(search.failed("late") == .wait(20) && search.answered(.null) == .wait(30))
        #expect(search.report.contains("no sentinel was asked"))
    }

    @Test(
        "answers that are no address are reasons",
        arguments: [
            RESPValue.integer(1), .array([]), .array([.bytes([120])]), .array([.null, .null]),
            .array([.bytes([120]), .bytes([48])]), .array([.bytes([]), .integer(6379)]), .status("OK"),
            .array([.bytes(Array(repeating: 120, count: 100_000)), .integer(1)]),
        ])
    func nonsense(reply: RESPValue) {
        var search = SentinelSearch(name: "main")
        _ = search.begin(sentinels)
        #expect(search.answered(reply) == .ask(sentinels[1], delay: 0))
        #expect(search.report.contains("no address") && search.report.count < 300)
    }

    @Test("whoever answers is asked first; sentinels are learned and dropped, those of the configuration never")
    func list() {
        var list = SentinelList(sentinels + sentinels)
        #expect(list.order == sentinels)
        list.succeeded(sentinels[2])
        #expect(list.order == [sentinels[2], sentinels[0], sentinels[1]])
        let new = NodeAddress(host: "n", port: 4)
        list.learned([new, sentinels[0]], from: sentinels[2])
        #expect(list.order.last == new)
        list.learned([], from: new)
        #expect(list.order.contains(new), "it has answered and does not name itself")
        list.learned([sentinels[0]], from: sentinels[1])
        #expect(list.order == [sentinels[2], sentinels[0], sentinels[1]])
        list.learned((0..<5000).map { NodeAddress(host: "x", port: $0 + 1) }, from: sentinels[0])
        #expect(list.order.count < 100)
    }

    @Test("sentinels that another one has lost are not learned")
    func learning() {
        func entry(_ port: Int, _ flags: String) -> RESPValue {
            .array(["name", "x", "ip", "h", "port", "\(port)", "flags", flags].map { .bytes(Array($0.utf8)) })
        }
        let reply = RESPValue.array([
            entry(1, "sentinel"), entry(2, "sentinel,disconnected"), entry(3, "s_down,sentinel"), entry(0, "sentinel"),
            .null, .array([.bytes(Array("ip".utf8))]), .array([]),
        ])
        #expect(SentinelReply.sentinels(reply) == [NodeAddress(host: "h", port: 1)])
        #expect(SentinelReply.sentinels(.null).isEmpty)
    }

    @Test(
        "an announcement counts only for our primary, and only when it makes sense",
        arguments: [
            ("main h 1 h 2", true), ("other h 1 h 2", false), ("main", false), ("", false), ("main h x h 2", false),
            ("main h 1 h 0", false), ("main2 h 1 h 2", false), ("main h 1 h 2 3", false),
        ])
    func announcements(payload: String, counts: Bool) {
        let change = SentinelReply.newPrimary(Array(payload.utf8), of: "main")
        #expect((change != nil) == counts)
        if counts { #expect(change?.new == NodeAddress(host: "h", port: 2) && change?.old.port == 1) }
    }

    @Test(
        "a promotion counts only for our primary, and only when it makes sense",
        arguments: [
            ("slave h:2 h 2 @ main h 1", true), ("slave h:2 h 2 @ other h 1", false), ("slave h:2 h 2 @ main", false),
            ("master h:2 h 2 @ main h 1", false), ("slave h:2 h x @ main h 1", false), ("", false),
        ])
    func promotions(payload: String, counts: Bool) {
        let change = SentinelReply.promoted(Array(payload.utf8), of: "main")
        #expect((change != nil) == counts)
        if counts { #expect(change?.new.port == 2 && change?.old.port == 1) }
    }
}
