// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Glibc
import HeroCore
import Testing

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
        for number in 0..<WorkerBoard.slotCount {
            let slot = board.slot(number)
            slot.isAccepting = true
            slot.connections = number
            for _ in 0..<number { slot.countResponse(status: number.isMultiple(of: 2) ? 500 : 200) }
        }
        board.slot(100).clear()
        for number in 0..<WorkerBoard.slotCount {
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
        #expect(try #require(WorkerBoard(inherited: board.descriptor)).slot(3).connections == 42)
        let other = open("/dev/null", O_RDONLY)
        defer { close(other) }
        #expect(WorkerBoard(inherited: other) == nil)
    }
}
