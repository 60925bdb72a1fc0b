// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport
import Testing

@testable import HeroCluster

@Suite("what children write")
struct OutputCollectorTests {
    private static let crash = """
        App/crash.swift:7: Fatal error: boom

        *** Signal 4: Backtracing from 0x7f... done ***

        *** Program crashed: Illegal instruction at 0x00007f ***

        Thread 1 "hero-loop-0" crashed:

        0 Crash.run(_:) in crash.so at crash.swift:7:5

        Backtrace took 0.02s
        """

    @Test("lines come out whole, wherever the reads were cut")
    func lines() {
        let bytes = Array("one\nzwei ä\n\nthree".utf8)
        for cut in 0...bytes.count {
            var collector = OutputCollector()
            var lines = collector.append(bytes[..<cut])
            lines += collector.append(bytes[cut...])
            lines += collector.finish()
            #expect(lines == ["one", "zwei ä", "", "three"])
        }
    }

    @Test("two children never share a line")
    func interleaved() {
        var (one, other) = (OutputCollector(), OutputCollector())
        var lines: [String] = []
        lines += one.append("from one ".utf8)
        lines += other.append("from the other ".utf8)
        lines += one.append("to the end\n".utf8)
        lines += other.append("to its end\n".utf8)
        #expect(lines == ["from one to the end", "from the other to its end"])
    }

    @Test("a crash is told apart from what was written before it")
    func crash() throws {
        var collector = OutputCollector()
        let lines = collector.append(("hello\n" + Self.crash + "\n").utf8)
        #expect(lines == ["hello"])
        #expect(collector.isReportComplete)
        let crash = try #require(collector.crash)
        #expect(crash.message == "App/crash.swift:7: Fatal error: boom")
        #expect(crash.lines.contains("0 Crash.run(_:) in crash.so at crash.swift:7:5"))
        #expect(!crash.lines.contains { $0.hasPrefix("*** Signal") || $0.isEmpty })
        #expect(crash.thread == "hero-loop-0")
    }

    @Test("a crash without last words has the backtracer's headline")
    func signalOnly() {
        var collector = OutputCollector()
        _ = collector.append("*** Signal 11: Backtracing from 0x1 ***\n*** Program crashed: Bad pointer ***\n".utf8)
        #expect(collector.crash?.message == "Program crashed: Bad pointer")
    }

    @Test("a trap has the message that the compiler gave it as its headline")
    func trap() {
        var collector = OutputCollector()
        let written = """
            *** Signal 4: Backtracing from 0x7f1e1c3c457b... done ***

            *** Swift runtime failure: arithmetic overflow ***

            Thread 6 "hero-loop-0" crashed:

            """
        _ = collector.append(written.utf8)
        #expect(collector.crash?.message == "Swift runtime failure: arithmetic overflow")
    }

    @Test("a cast that cannot be made says so before it ends the process")
    func cast() {
        var collector = OutputCollector()
        let words = "Could not cast value of type 'Swift.String' (0x1) to 'Swift.Int' (0x2)."
        let written = "\(words)\n*** Signal 6: Backtracing from 0x1... done ***\n*** Program crashed: Aborted ***\n"
        #expect(collector.append(written.utf8) == [])
        #expect(collector.crash?.message == words)
    }

    @Test("a crash is known from the first words of the backtracer, which end their line much later")
    func crashBegins() {
        var collector = OutputCollector()
        #expect(collector.append("*** Signal".utf8).isEmpty && !collector.isCrashing)
        #expect(collector.append(" 6: Backtracing from 0x7f...".utf8).isEmpty && collector.isCrashing)
        #expect(collector.finish().isEmpty)
        #expect(collector.crash?.message == "ended by signal 6 (aborted), without a backtrace")
        var other = OutputCollector(findsReports: false)
        _ = other.append("*** Signal 6".utf8)
        #expect(!other.isCrashing)
    }

    @Test("without a backtracer the last words are the report")
    func noBacktracer() {
        var collector = OutputCollector()
        _ = collector.append("Fatal error: out of range".utf8)
        _ = collector.finish()
        #expect(collector.crash?.message == "Fatal error: out of range")
    }

    @Test("a program that speaks of a fatal error and goes on loses no line")
    func falseAlarm() {
        var collector = OutputCollector()
        let written = (0..<50).map { $0 == 3 ? "PHP: Fatal error: somebody else's" : "line \($0)" }
        var lines = collector.append((written.joined(separator: "\n") + "\n").utf8)
        lines += collector.takeHeld()
        #expect(lines == written)
        var short = OutputCollector()
        #expect(short.append("x: Fatal error\nbye\n".utf8) == [])
        #expect(short.takeHeld() == ["x: Fatal error", "bye"])
        #expect(short.crash == nil)
    }

    @Test("the report of a program that a worker has started is given back whole")
    func somebodyElses() {
        var collector = OutputCollector()
        var lines = collector.append((Self.crash + "\nafter it\n").utf8)
        #expect(lines.isEmpty && collector.isCrashing)
        lines += collector.takeReport()
        #expect(lines.joined(separator: "\n") == Self.crash + "\nafter it")
        #expect(!collector.isCrashing && collector.crash == nil)
        #expect(collector.append("one more\n".utf8) == ["one more"])
    }

    @Test("on standard output nothing is taken for a crash")
    func outputOnly() {
        var collector = OutputCollector(findsReports: false)
        let written = ["x: Fatal error", "*** Program crashed: no ***", "more"]
        #expect(collector.append((written.joined(separator: "\n") + "\n").utf8) == written)
        #expect(collector.crash == nil)
    }

    @Test("a line without an end is cut and the rest of it dropped")
    func overlong() {
        var collector = OutputCollector()
        let lines = collector.append([UInt8](repeating: 65, count: 1_000_000) + Array("\nnext\n".utf8))
        #expect(lines.map(\.utf8.count) == [OutputCollector.longestLine, 4])
        #expect(collector.finish() == [])
    }

    @Test("bytes that are no UTF-8 are shown as such")
    func invalid() {
        var collector = OutputCollector()
        #expect(collector.append([0x61, 0xFF, 0xC3, 0x0A]) == ["a\u{FFFD}\u{FFFD}"])
    }

    @Test("a report is bounded")
    func bounded() {
        var collector = OutputCollector()
        _ = collector.append("*** Program crashed: x ***\n".utf8)
        for number in 0..<5000 { _ = collector.append("\(number)\n".utf8) }
        #expect((collector.crash?.lines.count ?? 0) <= OutputCollector.longestReport)
    }

    @Test("random bytes in random pieces give the same lines", arguments: 1...50)
    func fuzz(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var bytes: [UInt8] = []
        for _ in 0..<200 {
            switch random.next(below: 12) {
            case 0: bytes += Array("*** Program crashed: ***".utf8)
            case 1: bytes += Array(": Fatal error: ".utf8)
            case 2...5: bytes.append(10)
            default: bytes.append(UInt8(random.next(below: 256)))
            }
        }
        var whole = OutputCollector()
        let expected = whole.append(bytes) + whole.finish()
        var pieces = OutputCollector()
        var lines: [String] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = 1 + random.next(below: 9)
            lines += pieces.append(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        #expect(lines + pieces.finish() == expected)
        #expect(pieces.crash?.lines == whole.crash?.lines)
    }
}
