// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroRedis
import Testing

@Suite("a command's way through a cluster")
struct CommandAttemptsTests {
    private let node = NodeAddress(host: "a", port: 1)
    private let other = NodeAddress(host: "b", port: 2)

    private func step(
        _ error: String, kind: RedisError.Kind = .refused, repeatable: Bool = false, remaining: Int = 1000
    ) -> CommandAttempts.Step {
        var attempts = CommandAttempts(isRepeatable: repeatable)
        return attempts.receive(.failure(RedisError(kind, error)), from: node, remaining: remaining)
    }

    @Test("MOVED corrects the slot, goes there at once, and has the map asked for")
    func moved() {
        let correction = CommandAttempts.Correction(slot: 7, node: other)
        #expect(step("MOVED 7 b:2") == .again(.init(node: other, correction: correction)))
        let own = CommandAttempts.Correction(slot: 7, node: node)
        #expect(step("MOVED 7 a:1") == .again(.init(node: node, correction: own, reconnects: true)))
        #expect(step("MOVED 7 :1") == .again(.init(node: node, correction: own, reconnects: true)))
        let six = NodeAddress(host: "::1", port: 7)
        #expect(step("MOVED 7 ::1:7") == .again(.init(node: six, correction: .init(slot: 7, node: six))))
    }

    @Test("ASK goes to the other node with ASKING and leaves the map as it is")
    func ask() {
        #expect(step("ASK 7 b:2") == .again(.init(node: other, isAsking: true, refreshes: false)))
    }

    @Test("what will pass is waited for: TRYAGAIN, CLUSTERDOWN, roles that changed, nodes that cannot be reached")
    func waiting() {
        #expect(step("TRYAGAIN Multiple keys") == .again(.init(delay: 100, refreshes: false)))
        for error in ["CLUSTERDOWN Hash slot not served", "READONLY You can't", "LOADING Redis is", "MASTERDOWN Link"] {
            #expect(step(error) == .again(.init(delay: 100)))
        }
        #expect(step("no connection", kind: .notSent) == .again(.init(delay: 100)))
    }

    @Test("a command whose outcome is unknown is sent again only if the call allows it")
    func unknownOutcome() {
        let lost = RedisError(.connectionLost, "gone")
        #expect(step("gone", kind: .connectionLost) == .finish(.failure(lost)))
        #expect(step("gone", kind: .connectionLost, repeatable: true) == .again(.init(delay: 100)))
    }

    @Test(
        "other errors, and redirections that make no sense, are the caller's",
        arguments: [
            "WRONGTYPE Operation", "MOVED", "MOVED x b:2", "MOVED 16384 b:2", "MOVED -1 b:2", "MOVED 7 b",
            "MOVED 7 b:0",
            "MOVED 7 ?:2", "MOVED 7 b:99999", "ASK", "ASK 7", "ASK 7 :", "moved 7 b:2", "",
            "MOVED 99999999999999999999 b:2",
        ])
    func others(error: String) {
        #expect(step(error) == .finish(.failure(RedisError(.refused, error))))
    }

    @Test("two nodes that send each other a command end it after 16 redirections, with the path")
    func loop() {
        var attempts = CommandAttempts(isRepeatable: false)
        var steps = 0
        var last = CommandAttempts.Step.finish(.success(.null))
        repeat {
            let (here, there) = steps.isMultiple(of: 2) ? (node, other) : (other, node)
            last = attempts.receive(.failure(RedisError(.refused, "MOVED 7 \(there)")), from: here, remaining: 1000)
            steps += 1
        } while steps < 100 && last != .finish(.success(.null)) && !isFinish(last)
        #expect(steps == 17)
        guard case .finish(.failure(let error)) = last else { return #expect(Bool(false), "it goes on") }
        #expect(error.code == "MOVED" && error.kind == .refused)
        #expect(error.message.contains("a:1: MOVED 7 b:2 → b:2: MOVED 7 a:1 → a:1"))
        #expect(error.message.contains("16 redirections"))
    }

    @Test("nodes that send a command in a circle are given time to agree, those that send it on are not")
    func circle() {
        let third = NodeAddress(host: "c", port: 3)
        var attempts = CommandAttempts(isRepeatable: false)
        func delay(_ here: NodeAddress, _ there: NodeAddress) -> Int? {
            let step = attempts.receive(.failure(RedisError(.refused, "MOVED 7 \(there)")), from: here, remaining: 1000)
            return if case .again(let again) = step { again.delay } else { nil }
        }
        #expect(delay(node, other) == 0)
        #expect(delay(other, third) == 0)
        #expect(delay(third, node) == 100)
        #expect(delay(node, other) == 100)
    }

    private func isFinish(_ step: CommandAttempts.Step) -> Bool {
        if case .finish = step { true } else { false }
    }

    @Test("waiting ends before the deadline, and the error has the server's words, the kind and the path")
    func deadline() {
        var attempts = CommandAttempts(isRepeatable: false)
        _ = attempts.receive(.failure(RedisError(.refused, "CLUSTERDOWN it is down")), from: node, remaining: 900)
        for _ in 0..<200 {
            _ = attempts.receive(.failure(RedisError(.notSent, "no connection")), from: other, remaining: 800)
        }
        let end = attempts.receive(.failure(RedisError(.notSent, "no connection")), from: nil, remaining: 100)
        guard case .finish(.failure(let error)) = end else { return #expect(Bool(false), "it goes on") }
        #expect(error.kind == .notSent && error.message.contains("a:1: CLUSTERDOWN it is down → b:2: not reached"))
        #expect(error.message.contains("more → no node: not reached"))
        #expect(error.message.count < 1000)
    }
}
