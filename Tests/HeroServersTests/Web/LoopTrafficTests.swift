// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroSystem
import Testing

@testable import HeroServers

@Suite("what the servers of one loop tell the master together")
struct LoopTrafficTests {
    private let board: WorkerBoard

    init() throws { board = try #require(WorkerBoard()) }

    @Test("connections of several servers add up")
    func connections() {
        let traffic = LoopTraffic((board, 3))
        // Two servers, whose connections come and go.
        for change in [1, 1, 1, -1, 1] { traffic.connectionsChanged(by: change) }
        #expect(board.slot(3).connections == 3)
        for _ in 0..<3 { traffic.connectionsChanged(by: -1) }
        #expect(board.slot(3).connections == 0)
    }

    @Test("a server that takes no more connections does not silence another")
    func accepting() {
        let traffic = LoopTraffic((board, 3))
        traffic.beginAccepting()
        traffic.beginAccepting()
        traffic.endAccepting()
        #expect(board.slot(3).isAccepting && traffic.mayAccept)
        traffic.endAccepting()
        #expect(!board.slot(3).isAccepting && !traffic.mayAccept)
    }

    @Test("the master can take the right to accept away from all of them")
    func withdrawn() {
        let traffic = LoopTraffic((board, 3))
        traffic.beginAccepting()
        traffic.beginAccepting()
        board.slot(3).isAccepting = false
        #expect(!traffic.mayAccept)
        traffic.endAccepting()
        #expect(!traffic.mayAccept)
    }

    @Test("without a cluster there is nobody to tell, and nobody to wait for")
    func alone() {
        let traffic = LoopTraffic(nil)
        traffic.beginAccepting()
        traffic.connectionsChanged(by: 1)
        #expect(traffic.mayAccept && !traffic.isAhead)
    }
}
