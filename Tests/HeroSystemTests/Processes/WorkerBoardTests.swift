// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@testable import HeroSystem

@Suite("the board that workers share")
struct WorkerBoardTests {
    private let board: WorkerBoard

    init() throws { board = try #require(WorkerBoard()) }

    @Test("only workers that accept count, and a worker does not count itself")
    func fewest() {
        #expect(board.fewestConnections(except: 0) == nil)
        for (number, connections) in [(0, 1), (7, 5), (255, 3), (8, 0)] { board.slot(number).connections = connections }
        for number in [0, 7, 255] { board.slot(number).isAccepting = true }
        #expect(board.fewestConnections(except: 0) == 3)
        #expect(board.fewestConnections(except: 255) == 1)
        board.slot(0).isAccepting = false
        #expect(board.fewestConnections(except: 255) == 5)
    }

    @Test("slots do not touch each other, and one that is cleared says nothing about whoever had it before")
    func apart() {
        for number in 0..<board.slotCount {
            let slot = board.slot(number)
            slot.isAccepting = true
            slot.connections = number
            for _ in 0..<number { slot.countResponse(status: number.isMultiple(of: 2) ? 500 : 200) }
        }
        board.slot(100).clear()
        for number in 0..<board.slotCount {
            let slot = board.slot(number)
            let expected = number == 100 ? 0 : number
            #expect(slot.isAccepting == (number != 100))
            #expect(slot.connections == expected)
            #expect(slot.requests == expected)
            #expect(slot.errors == (number.isMultiple(of: 2) ? expected : 0))
        }
    }

    @Test("who inherits the board sees the same numbers; another file is none")
    func inherited() throws {
        board.slot(3).connections = 42
        #expect(try WorkerBoard(inherited: board.descriptor).slot(3).connections == 42)
        let other = open("/dev/null", O_RDONLY)
        defer { close(other) }
        #expect(throws: BoardFault.self) { try WorkerBoard(inherited: other) }
    }

    @Test("which job a thread executes can be told from jobs of the same number that another owner had")
    func jobs() {
        let (slot, job) = (board.slot(9), JobMark(owner: "host:1~5", number: 3))
        slot.setJob(job, thread: 2)
        slot.setJob(JobMark(owner: "host:1~5", number: 4), thread: 1000)
        slot.setRunning(12, thread: 2)
        #expect(slot.jobs == [job] && slot.job(thread: 2) == job && slot.job(thread: 0) == nil)
        #expect(slot.running(thread: 2) == 12 && slot.running(thread: 0) == nil && slot.running(thread: 1000) == nil)
        #expect(job.number(of: "host:1~5") == 3 && job.number(of: "host:1~6") == nil)
        slot.setJob(nil, thread: 2)
        #expect(slot.jobs.isEmpty && board.slot(8).jobs.isEmpty && board.slot(10).jobs.isEmpty)
    }

    @Test("a thread is known by the name that a backtrace has of it")
    func threads() {
        #expect(WorkerThread.number(of: "hero-loop") == 0 && WorkerThread.number(of: "hero-pool-31") == 31)
        for name in ["", "hero", "hero-pool-", "hero-pool-x", "hero-loop-1"] {
            #expect(WorkerThread.number(of: name) == nil, "\(name)")
        }
    }

    @Test("fields are found by their names: a board of another version of hero is read and written where it has them")
    func otherLayout() throws {
        let text = """
            board 1
            slots 3
            area common 64
            area share 16
            area slot 64
            field connections share 8 1
            field accepting share 4 1
            field requests slot 12 1
            field running slot 16 4
            field novelty slot 0 1

            """
        let layout = try BoardLayout(parsing: text)
        #expect(layout.totalSize == 4096 + 64 + 3 * (16 + 64))
        let other = try #require(WorkerBoard(making: layout))
        let slot = other.slot(2)
        (slot.isAccepting, slot.connections) = (true, 7)
        slot.countResponse(status: 500)
        slot.setRunning(5, thread: 3)
        slot.begin(1)
        #expect(slot.isAccepting && slot.connections == 7 && slot.requests == 1)
        #expect(slot.errors == 0 && slot.running == [5] && slot.inFlight(among: 10).isEmpty)
        #expect(other.fewestConnections(except: 0) == 7 && other.slot(1).connections == 0)
        #expect(other.ticketSeed() == nil)
        slot.clear()
        #expect(!slot.isAccepting && slot.requests == 0 && slot.running.isEmpty)
    }

    @Test(
        "what cannot be is refused with the reason",
        arguments: [
            ("", "does not say what it is"), ("bread 1\n", "does not say what it is"),
            ("board 2\nslots 256\n", "version 2, this one reads 1"),
            ("board 1\nslots 0\n", "0 slots cannot be"),
            ("board 1\nslots 1\narea common 64\narea share 6\narea slot 64\n", "share of 6 bytes"),
            (
                "board 1\nslots 1\narea common 64\narea share 8\narea slot 64\nfield errors slot 64 1\n",
                "errors lies outside"
            ),
            (
                "board 1\nslots 1\narea common 64\narea share 8\narea slot 64\nfield errors share 0 1\n",
                "errors lies outside"
            ),
        ])
    func impossible(text: String, reason: String) {
        let fault = #expect(throws: BoardFault.self) { try BoardLayout(parsing: text) }
        #expect(fault?.description.contains(reason) == true, "\(fault?.description ?? "")")
    }

    @Test("boards of all released versions can be read, and today's is the last of them")
    func released() throws {
        let directory = "\(Stage.repository)/Tests/HeroSystemTests/Boards"
        let names = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
        #expect(!names.isEmpty)
        for name in names {
            let layout = try BoardLayout(parsing: String(contentsOfFile: "\(directory)/\(name)", encoding: .utf8))
            #expect(layout.places.count >= 8, "\(name)")
        }
        let last = try String(contentsOfFile: "\(directory)/\(names.last ?? "")", encoding: .utf8)
        #expect(
            last == BoardLayout.current.text,
            "the layout has changed: put it into a new file beside \(names.last ?? ""), and raise BoardLayout.version if a field means something else now"
        )
    }
}
