// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroRedis
import HeroTestSupport
import Testing

@Suite("the map of slots")
struct SlotMapTests {
    @Test("slots, primaries and replicas are those of the answer; an empty host is the host that was asked")
    func reading() throws {
        let map = try SlotMap(
            slots((0, 99, ["a:1", "b:2"]), (200, 16383, [":7", "a:1"]), (100, 199, ["a:1", "c:3"])), from: asked)
        #expect(map.primary(of: 0) == NodeAddress("a:1"))
        #expect(map.primary(of: 150) == NodeAddress("a:1"))
        #expect(map.primary(of: 16383) == NodeAddress("seed:7"))
        #expect(map.shard(of: 99)?.replicas.map(\.description) == ["b:2", "c:3"])
        #expect(map.coveredSlots == 16384)
        #expect(map.primaries.map(\.description) == ["a:1", "seed:7"])
        #expect(map.primary(of: -1) == nil && map.primary(of: 16384) == nil)
        let null = RESPValue.array([.array([.integer(0), .integer(1), .array([.null, .integer(9)])])])
        #expect(try SlotMap(null, from: asked).primary(of: 1) == NodeAddress("seed:9"))
    }

    @Test(
        "an answer with something wrong in it is refused with what is wrong",
        arguments: [
            (RESPValue.null, "not a list"), (.integer(1), "not a list"), (.array([]), "no slots"),
            (.array([.integer(1)]), "no numbers"), (.array([.array([])]), "no numbers"),
            (slots((-1, 5, ["a:1"])), "slots -1 to 5"), (slots((0, 16384, ["a:1"])), "slots 0 to 16384"),
            (slots((9, 5, ["a:1"])), "slots 9 to 5"), (slots((0, 5, ["a:0"])), "usable address"),
            (slots((0, 5, ["a:65536"])), "usable address"), (slots((0, 5, ["?:1"])), "usable address"),
            (slots((0, 5, ["a\r\nb:1"])), "usable address"), (slots((0, 5, ["a:1"]), (5, 9, ["b:1"])), "slot 5 twice"),
            (slots((0, 5, [])), "no numbers or no node"),
            (.array([.array([.bytes([48]), .integer(1), .array([.null, .integer(1)])])]), "no numbers"),
            (.array([.array([.integer(0), .integer(1), .array([.array([]), .integer(1)])])]), "usable address"),
            (.array([.array([.integer(.max), .integer(.min), .integer(1)])]), "slots 9223372036854775807"),
            (.array(Array(repeating: .null, count: 20000)), "20000 ranges"),
            (slots((0, 1, ["a:1"] + (0..<5000).map { "r\($0):1" })), "more than 4096 nodes"),
        ])
    func wrong(reply: RESPValue, reason: String) {
        let error = #expect(throws: RedisError.self) { try SlotMap(reply, from: asked) }
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
        #expect(error?.message.hasPrefix("seed:1 answered CLUSTER SLOTS with") == true)
    }

    @Test("a replica whose address is not known yet costs nobody the map")
    func unknownReplica() throws {
        let map = try SlotMap(slots((0, 9, ["a:1", "?:2", "b:3"])), from: asked)
        #expect(map.shard(of: 0)?.replicas.map(\.description) == ["b:3"])
    }

    @Test("a correction changes one slot, also to a node that was not known, and knows what is no news")
    func corrections() throws {
        var map = try SlotMap(slots((0, 9, ["a:1"]), (10, 19, ["b:1"])), from: asked)
        let (b, new) = (NodeAddress(host: "b", port: 1), NodeAddress(host: "n", port: 9))
        #expect(map.move(slot: 3, to: b) && map.primary(of: 3) == b && map.primary(of: 4)?.host == "a")
        #expect(map.move(slot: 4, to: new) && map.primary(of: 4) == new && map.nodes.contains(new))
        #expect(!map.move(slot: 4, to: new) && !map.move(slot: 16384, to: b) && !map.move(slot: -1, to: b))
        #expect(map.move(slot: 100, to: b) && map.coveredSlots == 21)
    }

    @Test("no answer, however it is mutilated, ends the process")
    func mutilated() {
        var random = SeededRandom(seed: 5)
        for _ in 0..<3000 {
            let reply = mutilate(slots((0, 99, ["a:1", "b:2"]), (100, 16383, ["c:3"])), &random)
            _ = try? SlotMap(reply, from: asked)
            _ = SentinelReply.sentinels(reply)
            _ = SentinelReply.primary(reply)
        }
    }

    private func mutilate(_ value: RESPValue, _ random: inout SeededRandom) -> RESPValue {
        switch random.next(below: 12) {
        case 0: return .null
        case 1: return .integer([.min, -1, 0, 16384, .max][random.next(below: 5)])
        case 2: return .error("ERR")
        case 3: return .bytes(Array(repeating: 63, count: random.next(below: 300)))
        default:
            guard var elements = value.elements, !elements.isEmpty else { return value }
            let index = random.next(below: elements.count)
            elements[index] = mutilate(elements[index], &random)
            if random.next(below: 8) == 0 { elements.append(elements[index]) }
            if random.next(below: 8) == 0 { elements.remove(at: index) }
            return .array(elements)
        }
    }
}

let asked = NodeAddress(host: "seed", port: 1)

/// An answer to `CLUSTER SLOTS`.
func slots(_ ranges: (Int, Int, [String])...) -> RESPValue {
    .array(
        ranges.map { first, last, nodes in
            .array(
                [.integer(first), .integer(last)]
                    + nodes.map { node in
                        let colon = node.lastIndex(of: ":") ?? node.endIndex
                        return .array([
                            .bytes(Array(node[..<colon].utf8)),
                            .integer(Int(node[node.index(after: colon)...]) ?? -1), .bytes(Array("id".utf8)),
                        ])
                    })
        })
}
