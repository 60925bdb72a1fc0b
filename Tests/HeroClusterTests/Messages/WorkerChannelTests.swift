// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Glibc
import HeroCluster
import Testing

@Suite("A worker's line to its master")
struct WorkerChannelTests {
    @Test("an order that comes once is heard, however many requests to reopen the logs come before the worker listens")
    func storm() async throws {
        var ends: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        let channel = try WorkerChannel(ends[1])
        channel.beginService()
        let storm = Array(repeating: MasterMessage.reopenLogs, count: 1000)
        let orders: [MasterMessage] = [.serve(quarantined: [])] + storm + [.stop(deadline: 1, idle: 1)] + storm
        let bytes = orders.flatMap { MessageFraming.encode($0.json) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(ends[0], $0.baseAddress, $0.count) }
            try #require(count > 0)
            rest = rest.dropFirst(count)
        }
        close(ends[0])
        let heard = await channel.messages.reduce(into: []) { $0.append($1) }
        #expect(heard.filter { $0 != .reopenLogs } == [.serve(quarantined: []), .stop(deadline: 1, idle: 1)])
        #expect(heard.contains(.reopenLogs))
    }
}
