// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroSystem
import HeroTestSupport
import Testing

@testable import HeroCluster

@Suite("messages between master and worker")
struct MessageFramingTests {
    private static let workerMessages: [WorkerMessage] = [
        .starting, .progress("loading bündles"), .started(WorkerDescription(loopThread: 7, actions: ["a@1", "b@2"])),
        .stopping, .stopped, .refused(["one", "two"]), .refused([]), .draining(12), .pong, .plan(["generation": 3]),
    ]
    private static let masterMessages: [MasterMessage] = [
        .serve(quarantined: []), .serve(quarantined: ["x@1"]), .stop(deadline: 30_000, idle: 15_000), .reopenLogs,
        .ping, .quarantine([]), .quarantine(["a", "b"]), .died(pid: 7, job: nil), .died(pid: 7, job: .nobody),
        .died(pid: 7, job: JobMark(owner: .max, number: .max)),
        .crashes([
            CrashNotice(
                worker: "worker #1",
                CrashReport(message: "boom", lines: ["0 a", "1 b"], running: ["a@1"], inFlight: ["a@1", "b@1"]))
        ]),
    ]

    @Test("each message comes out as it went in")
    func roundTrip() throws {
        for message in Self.workerMessages {
            #expect(WorkerMessage(try JSON(parsing: message.json.description)) == message)
        }
        for message in Self.masterMessages {
            #expect(MasterMessage(try JSON(parsing: message.json.description)) == message)
        }
    }

    @Test("members and kinds that are not known are ignored")
    func unknown() {
        #expect(WorkerMessage(["state": "starting", "colour": "red"]) == .starting)
        #expect(WorkerMessage(["state": "dancing"]) == nil)
        #expect(WorkerMessage(["state": "started"]) == nil)
        #expect(WorkerMessage(.null) == nil)
        #expect(WorkerMessage(.array([])) == nil)
        #expect(MasterMessage(["sing": true]) == nil)
        #expect(MasterMessage(["stop": "now"]) == nil)
    }

    @Test("messages may be split anywhere")
    func splitAnywhere() throws {
        let bytes = Self.workerMessages.flatMap { MessageFraming.encode($0.json) }
        for cut in 0...bytes.count {
            var framing = MessageFraming()
            var found: [WorkerMessage] = []
            for part in [bytes[..<cut], bytes[cut...]] {
                framing.append(part)
                while let json = try framing.next() { found += [WorkerMessage(json)].compactMap(\.self) }
            }
            #expect(found == Self.workerMessages)
        }
    }

    @Test("messages may come byte by byte")
    func byteByByte() throws {
        var framing = MessageFraming()
        var found: [MasterMessage] = []
        for byte in Self.masterMessages.flatMap({ MessageFraming.encode($0.json) }) {
            framing.append([byte])
            while let json = try framing.next() { found += [MasterMessage(json)].compactMap(\.self) }
        }
        #expect(found == Self.masterMessages)
    }

    @Test("a length that cannot be meant is not waited for")
    func oversize() {
        var framing = MessageFraming()
        framing.append([0, 64, 0, 1])
        #expect(throws: MessageFault.self) { try framing.next() }
        framing.append([0xFF, 0xFF, 0xFF, 0xFF])
        #expect(throws: MessageFault.self) { try framing.next() }
    }

    @Test("the largest message that is allowed is understood")
    func largest() throws {
        var framing = MessageFraming()
        let text = String(repeating: "x", count: MessageFraming.limitBytes - 2)
        framing.append(MessageFraming.encode(.string(text)))
        #expect(try framing.next()?.stringValue?.utf8.count == text.utf8.count)
    }

    @Test("what is not JSON is a fault, not a crash")
    func garbage() {
        var framing = MessageFraming()
        framing.append([0, 0, 0, 3] + Array("{{{".utf8))
        #expect(throws: MessageFault.self) { try framing.next() }
        var empty = MessageFraming()
        empty.append([0, 0, 0, 0])
        #expect(throws: MessageFault.self) { try empty.next() }
    }

    @Test("random bytes never do more than fail", arguments: 1...200)
    func fuzz(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var framing = MessageFraming()
        for _ in 0..<50 {
            var bytes = MessageFraming.encode(Self.workerMessages.randomElement(using: &random)!.json)
            for _ in 0..<random.next(below: 4) where !bytes.isEmpty {
                bytes[random.next(below: bytes.count)] = UInt8(random.next(below: 256))
            }
            framing.append(bytes)
            do {
                while let json = try framing.next() { _ = (WorkerMessage(json), MasterMessage(json)) }
            } catch {
                framing = MessageFraming()
            }
        }
    }

    @Test("the orders of a worker come through its environment; what somebody else has set is refused")
    func orders() throws {
        var orders = WorkerOrders(role: .worker, channel: 3)
        orders.listen = ["web": 5]
        orders.id = 4
        let read = try #require(try WorkerOrders.from([WorkerOrders.variable: orders.text]))
        #expect(read.id == 4 && read.listen == ["web": 5] && read.role == .worker)
        #expect(try WorkerOrders.from([:]) == nil)
        #expect(throws: (any Error).self) { try WorkerOrders.from([WorkerOrders.variable: "yes"]) }
    }
}
