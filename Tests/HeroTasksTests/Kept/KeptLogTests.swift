// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport
import Testing

@testable import HeroTasks

@Suite("the bytes of jobs that wait for Redis")
struct KeptLogTests {
    private static let records: [KeptLog.Record] = [
        .job(Array("one".utf8)), .job([]), .delivered(1), .job(Array(repeating: 7, count: 300)), .delivered(2),
        .job(Array("last".utf8)),
    ]

    /// What waits after so many records.
    private static func waiting(_ records: some Sequence<KeptLog.Record>) -> [[UInt8]] {
        var (jobs, delivered): ([[UInt8]], Int) = ([], 0)
        for record in records {
            switch record {
            case .job(let bytes): jobs.append(bytes)
            case .delivered(let count): delivered = count
            }
        }
        return Array(jobs.dropFirst(delivered))
    }

    @Test("a process may be killed at any byte: what was accepted is read, and what was half written is not")
    func cut() {
        var (bytes, ends) = (KeptLog.head, [KeptLog.head.count])
        for record in Self.records {
            bytes += KeptLog.bytes(of: record)
            ends.append(bytes.count)
        }
        for count in 0...bytes.count {
            let reading = KeptLog.read(Array(bytes.prefix(count)))
            let whole = ends.lastIndex { $0 <= count }
            #expect(reading.jobs == Self.waiting(Self.records.prefix(whole ?? 0)), "\(count)")
            #expect(reading.length == whole.map { ends[$0] } ?? 0 && !reading.isDamaged, "\(count)")
        }
    }

    @Test("no byte can be another one without being noticed, or without being at the end")
    func damage() {
        let bytes = KeptLog.head + Self.records.flatMap { KeptLog.bytes(of: $0) }
        let jobs = Set(Self.records.compactMap { if case .job(let bytes) = $0 { bytes } else { nil } })
        for place in bytes.indices {
            var other = bytes
            other[place] ^= 0x41
            let reading = KeptLog.read(other)
            #expect(reading.isDamaged || reading.length < bytes.count, "\(place)")
            #expect(jobs.isSuperset(of: reading.jobs), "\(place)")
        }
    }

    @Test("the file always has what waits, and no more than its bounds", arguments: 1...8)
    func random(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let limit = 500
        var machine = KeptMachine(limit: limit, KeptLog.read([]))
        var (file, waiting): ([UInt8], [[UInt8]]) = (KeptLog.head, [])
        var refused = 0
        for number in 0..<1000 {
            if random.next(below: 2) == 0 {
                let new = (0...random.next(below: 3)).map { Array("\(number) \($0)".utf8) }
                let size = (waiting + new).reduce(0) { $0 + $1.count }
                guard let bytes = machine.accept(new) else {
                    #expect(size > limit)
                    refused += 1
                    continue
                }
                #expect(size <= limit)
                file += bytes
                machine.accepted(new, bytes: bytes.count)
                waiting += new
            } else {
                let next = machine.next(3)
                #expect(next == Array(waiting.prefix(3)))
                guard !next.isEmpty else { continue }
                let count = random.next(below: next.count) + 1
                waiting.removeFirst(count)
                switch machine.delivered(count) {
                case .append(let bytes): file += bytes
                case .rewrite(let bytes): file = bytes
                }
            }
            #expect(file.count < 4 * 65_536)
            if number.isMultiple(of: 50) || waiting.isEmpty {
                #expect(KeptLog.read(file).jobs == waiting)
                machine = KeptMachine(limit: limit, KeptLog.read(file))
            }
        }
        #expect(refused > 0)
    }
}
