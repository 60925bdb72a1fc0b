// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroRedis
import HeroTestSupport
import Testing

@Suite("what a client knows of its cluster")
struct SlotMapMachineTests {
    private var random = SeededRandom(seed: 1)
    private let seeds = [NodeAddress(host: "s", port: 1), NodeAddress(host: "s", port: 2)]

    private func node(_ host: String) -> NodeAddress { NodeAddress(host: host, port: 1) }

    private func map(_ ranges: (Int, Int, [String])...) throws -> SlotMap {
        try SlotMap(
            .array(ranges.flatMap { slots($0).elements ?? [] }), from: asked)
    }

    @Test("the map is asked for once at a time, of all known nodes in an order of chance")
    mutating func oneAtATime() throws {
        var machine = SlotMapMachine(seeds: seeds)
        guard case .ask(let first) = machine.wantsRefresh(using: &random) else { return #expect(Bool(false)) }
        #expect(Set(first) == Set(seeds))
        #expect(machine.wantsRefresh(using: &random) == .none)
        #expect(machine.received(try map((0, 99, ["a:1", "b:1"]))).rest == 100)
        #expect(machine.wantsRefresh(using: &random) == .none, "not so soon")
        guard case .ask(let second) = machine.restIsOver(using: &random) else {
            return #expect(Bool(false), "somebody wished for it meanwhile")
        }
        #expect(second.count == 4)
        _ = machine.received(try map((0, 99, ["a:1"])))
        #expect(machine.restIsOver(using: &random) == .none && machine.restIsOver(using: &random) == .none)
        var orders: Set<[NodeAddress]> = []
        for _ in 0..<20 {
            if case .ask(let nodes) = machine.wantsRefresh(using: &random) { orders.insert(nodes) }
            _ = machine.received(try map((0, 99, ["a:1"])))
            _ = machine.restIsOver(using: &random)
        }
        #expect(orders.count > 1)
    }

    @Test("without any map it is asked for again and again, less and less often; with one, when there is a reason")
    mutating func failing() throws {
        var machine = SlotMapMachine(seeds: seeds)
        _ = machine.wantsRefresh(using: &random)
        var pauses: [Int] = []
        for _ in 0..<30 {
            pauses.append(machine.refreshFailed().rest)
            #expect(machine.restIsOver(using: &random) != .none)
        }
        #expect(pauses.first == 100 && pauses.last == 2000 && pauses == pauses.sorted())
        _ = machine.received(try map((0, 9, ["a:1"])))
        _ = machine.restIsOver(using: &random)
        _ = machine.wantsRefresh(using: &random)
        #expect(machine.refreshFailed() == SlotMapMachine.Outcome(rest: 100))
        #expect(machine.restIsOver(using: &random) == .none)
    }

    @Test("nodes that serve nobody any more leave: those without slots, and primaries that became replicas")
    mutating func leaving() throws {
        var machine = SlotMapMachine(seeds: seeds)
        _ = machine.received(try map((0, 9, ["a:1", "b:1"]), (10, 19, ["c:1"]), (20, 29, ["d:1"])))
        let outcome = machine.received(try map((0, 9, ["b:1", "a:1"]), (10, 29, ["d:1"])))
        #expect(outcome.leaving == [node("a"), node("c")])
        #expect(machine.has(NodeAddress(host: "a", port: 1)) && !machine.has(NodeAddress(host: "c", port: 1)))
    }

    @Test("a replica answers only where the configuration lets it, and only reads")
    mutating func replicas() throws {
        let (primary, replica) = (NodeAddress(host: "a", port: 1), NodeAddress(host: "b", port: 1))
        var machine = SlotMapMachine(seeds: seeds)
        _ = machine.received(try map((0, 9, ["a:1", "b:1"]), (10, 19, ["a:1"])))
        #expect(machine.node(of: 3, isRead: true, using: &random) == primary)
        var reading = SlotMapMachine(seeds: seeds, readsReplicas: true)
        _ = reading.received(try map((0, 9, ["a:1", "b:1"]), (10, 19, ["c:1"])))
        #expect(reading.node(of: 3, isRead: true, using: &random) == replica)
        #expect(reading.node(of: 3, isRead: false, using: &random) == primary)
        #expect(reading.node(of: 12, isRead: true, using: &random) == NodeAddress("c:1"), "there is no replica")
        #expect(reading.node(of: 500, isRead: true, using: &random) == nil)
    }

    @Test("subscriptions go to another node than the one that failed, if there is one")
    mutating func subscriber() throws {
        var machine = SlotMapMachine(seeds: seeds)
        for _ in 0..<20 { #expect(machine.anyNode(except: seeds[0], using: &random) == seeds[1]) }
        _ = machine.received(try map((0, 9, ["a:1"])))
        #expect(machine.anyNode(except: NodeAddress("a:1"), using: &random) == NodeAddress("a:1"))
    }

    @Test("a redirection's correction holds until the next map")
    mutating func correction() throws {
        var machine = SlotMapMachine(seeds: seeds)
        machine.corrected(.init(slot: 3, node: node("n")))
        _ = machine.received(try map((0, 9, ["a:1"])))
        machine.corrected(.init(slot: 3, node: node("n")))
        #expect(machine.node(of: 3, isRead: false, using: &random) == node("n"))
        #expect(machine.received(try map((0, 9, ["a:1"]))).leaving == [node("n")])
    }

    @Test("a scan goes through the primaries one after the other, and its cursor is text like any other")
    func scan() throws {
        var (cursor, seen): (String, [String]) = ("0", [])
        for reply in ["17", "0", "0", "9", "0"] {
            let position = try #require(ScanCursor(cursor))
            seen.append("\(position.shard):\(position.cursor)")
            cursor = position.next(after: reply, of: 3)
        }
        #expect(seen == ["0:0", "0:17", "1:0", "2:0", "2:9"] && cursor == "0")
        for wrong in ["", "x", "1-x", "1--1", "1-2-3", "-1", "99999999999999999999999"] {
            #expect(ScanCursor(wrong) == nil)
        }
    }
}
