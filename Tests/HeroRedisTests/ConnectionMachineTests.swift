// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroRedis
import HeroTestSupport
import Testing

@Suite("the machine of a connection")
struct ConnectionMachineTests {
    private typealias Machine = ConnectionMachine<Int>

    private func ready(_ change: (inout Machine.Limits) -> Void = { _ in }) -> Machine {
        var limits = Machine.Limits()
        change(&limits)
        var machine = Machine(limits: limits, deadline: 100)
        let commands = machine.connected(RedisHandshake(RedisConnectionSettings(.unix(path: "/s"))))
        #expect(commands == [[Array("PING".utf8)]])
        guard case .ready = machine.receive(.status("PONG"), now: 10) else {
            Issue.record("not ready")
            return machine
        }
        return machine
    }

    @Test("replies belong to commands in the order in which those were sent")
    func order() {
        var machine = ready()
        for ticket in 1...3 { machine.append(ticket, bytes: 10, deadline: 1000) }
        for ticket in 1...3 {
            guard case .settle(ticket, .success(.integer(ticket))) = machine.receive(.integer(ticket), now: 20) else {
                Issue.record("the reply went to somebody else")
                return
            }
        }
    }

    @Test("a command that timed out keeps its place, so that its late reply goes to nobody")
    func timeout() {
        var machine = ready()
        machine.append(1, bytes: 10, deadline: 50)
        machine.append(2, bytes: 10, deadline: 1000)
        #expect(machine.wakeUp == 50)
        #expect(machine.tick(now: 50).expired == [1])
        guard case .none = machine.receive(.integer(1), now: 60) else { return #expect(Bool(false)) }
        guard case .settle(2, .success(.integer(2))) = machine.receive(.integer(2), now: 60) else {
            return #expect(Bool(false))
        }
    }

    @Test("the queue has a limit in commands and one in bytes, and the error names both")
    func bounds() {
        var machine = ready {
            $0.commands = 2
            $0.bytes = 100
        }
        machine.append(1, bytes: 60, deadline: 1000)
        #expect(machine.refusal(commands: 1, bytes: 40) == nil)
        #expect(machine.refusal(commands: 1, bytes: 41)?.kind == .notSent)
        #expect(machine.refusal(commands: 2, bytes: 2)?.message.contains("limits are 2 commands and 100 bytes") == true)
        _ = machine.receive(.null, now: 20)
        #expect(machine.refusal(commands: 1, bytes: 1000) == nil, "one that is too large goes when it is alone")
    }

    @Test("a peer that says nothing is asked, and is gone when it does not answer that")
    func pings() {
        var machine = ready { $0.pingInterval = 100 }
        #expect(machine.wakeUp == 110)
        #expect(machine.tick(now: 110).sendsPing == false, "it has just spoken")
        #expect(machine.tick(now: 210).sendsPing)
        guard case .none = machine.receive(.status("PONG"), now: 220) else { return #expect(Bool(false)) }
        #expect(machine.tick(now: 310).sendsPing == false)
        #expect(machine.tick(now: 410).sendsPing)
        #expect(machine.tick(now: 510).failure?.kind == .connectionLost)
    }

    @Test("a handshake that is not answered in time is over")
    func handshakeDeadline() {
        var machine = Machine(deadline: 100)
        #expect(machine.wakeUp == 100)
        _ = machine.connected(RedisHandshake(RedisConnectionSettings(.unix(path: "/s"))))
        #expect(machine.tick(now: 99).failure == nil)
        #expect(machine.tick(now: 100).failure != nil)
    }

    @Test("a server that cannot save is connected to all the same, one that cannot answer yet is not")
    func refusedPing() {
        func answer(_ message: String) -> Machine.ReplyAction {
            var machine = Machine(deadline: 100)
            _ = machine.connected(RedisHandshake(RedisConnectionSettings(.unix(path: "/s"))))
            return machine.receive(.error(message), now: 10)
        }
        for message in ["MISCONF Errors writing to the AOF file", "NOPERM this user has no permissions"] {
            guard case .ready = answer(message) else {
                Issue.record("\(message)")
                continue
            }
        }
        for message in ["LOADING Redis is loading", "NOAUTH Authentication required.", "BUSY a script runs"] {
            guard case .fail = answer(message) else {
                Issue.record("\(message)")
                continue
            }
        }
    }

    @Test("at the end, whoever has no reply is named in order, with whether it can have been sent")
    func ending() {
        var machine = ready()
        machine.append(1, bytes: 1, deadline: 1000)
        machine.appendTransaction(2, commands: 2, bytes: 1, deadline: 1000)
        machine.flushed()
        machine.append(3, bytes: 1, deadline: 1000)
        _ = machine.receive(.status("OK"), now: 20)
        _ = machine.receive(.status("OK"), now: 20)
        let unanswered = machine.closed()
        #expect(unanswered.map(\.ticket) == [2, 3])
        #expect(unanswered.map(\.wasSent) == [true, false])
        #expect(machine.wakeUp == nil)
    }

    @Test("draining takes nothing new, and is done with the last reply or at its deadline")
    func draining() {
        var machine = ready()
        machine.append(1, bytes: 1, deadline: 1000)
        machine.drain(deadline: 500)
        #expect(machine.refusal(commands: 1, bytes: 1)?.kind == .notSent)
        #expect(!machine.isDrained)
        var late = machine
        _ = machine.receive(.null, now: 20)
        #expect(machine.isDrained)
        #expect(late.tick(now: 500).failure != nil)
    }

    @Test("a transaction that MULTI began without is not reported as not run when its commands were")
    func refusedMulti() {
        for (replies, kind) in [
            (
                [RESPValue.error("NOPERM multi"), .status("OK"), .error("ERR EXEC without MULTI")],
                RedisError.Kind.connectionLost
            ),
            ([.error("LOADING"), .error("LOADING"), .error("LOADING")], .refused),
            ([.status("OK"), .error("MOVED 1 a:1"), .error("EXECABORT")], .refused),
            ([.status("OK"), .status("QUEUED"), .null], .refused),
        ] {
            var machine = ready()
            machine.appendTransaction(1, commands: 1, bytes: 1, deadline: 1000)
            for reply in replies.dropLast() { _ = machine.receive(reply, now: 1) }
            guard case .settle(1, .failure(let error))? = replies.last.map({ machine.receive($0, now: 1) }) else {
                return #expect(Bool(false))
            }
            #expect(error.kind == kind)
        }
    }

    @Test("messages come between acknowledgements, and a reply that nobody asked for ends the connection")
    func pushes() {
        var machine = ready()
        #expect(machine.subscribe(1, kind: "subscribe", names: 2, deadline: 1000) == nil)
        #expect(machine.phase == .subscribed)
        func push(_ words: String..., count: Int) -> RESPValue {
            .array(words.map { .bytes(Array($0.utf8)) } + [.integer(count)])
        }
        let message = RESPValue.array(["message", "a", "hello"].map { .bytes(Array($0.utf8)) })
        guard case .none = machine.receive(push("subscribe", "a", count: 1), now: 1) else {
            return #expect(Bool(false))
        }
        guard case .message("a", nil, Array("hello".utf8)) = machine.receive(message, now: 1) else {
            return #expect(Bool(false))
        }
        guard case .settle(1, .success) = machine.receive(push("subscribe", "b", count: 2), now: 1) else {
            return #expect(Bool(false))
        }
        guard case .fail = machine.receive(push("subscribe", "c", count: 3), now: 1) else {
            return #expect(Bool(false))
        }
    }

    @Test("nothing that a peer sends, in whatever state, is a trap", arguments: 1...6)
    func hostilePeer(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<300 {
            var machine = Machine(deadline: 1_000_000)
            var now = 0
            for ticket in 0..<40 {
                now += random.next(below: 1000)
                switch random.next(below: 9) {
                case 0: _ = machine.connected(RedisHandshake(RedisConnectionSettings(.unix(path: "/s"))))
                case 1 where machine.refusal(commands: 1, bytes: 1) == nil:
                    machine.append(ticket, bytes: 1, deadline: now + random.next(below: 3000))
                case 2 where machine.refusal(commands: 2, bytes: 1) == nil:
                    machine.appendTransaction(ticket, commands: 2, bytes: 1, deadline: now + 2000)
                case 3:
                    let kind = ["subscribe", "punsubscribe"][random.next(below: 2)]
                    _ = machine.subscribe(ticket, kind: kind, names: 1 + random.next(below: 3), deadline: now + 500)
                case 4: _ = machine.tick(now: now)
                case 5: machine.flushed()
                case 6 where random.next(below: 6) == 0: machine.drain(deadline: now + 500)
                case 7 where random.next(below: 9) == 0: _ = machine.closed()
                default: _ = machine.receive(Self.anything(&random), now: now)
                }
            }
            _ = machine.closed()
            #expect(machine.phase == .closed && machine.pendingCount == 0)
        }
    }

    private static func anything(_ random: inout SeededRandom) -> RESPValue {
        let words = ["subscribe", "message", "pmessage", "pong", "punsubscribe", "master", "a", ""]
        func word() -> RESPValue { .bytes(Array(words[random.next(below: words.count)].utf8)) }
        switch random.next(below: 4) {
        case 0: return .random(&random)
        case 1: return .status(["PONG", "OK", "QUEUED"][random.next(below: 3)])
        default:
            return .array((0..<random.next(below: 5)).map { _ in word() } + [.integer(1)].prefix(random.next(below: 2)))
        }
    }
}
