// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroRuntime
import HeroServers
import NIOCore
import Testing

@Suite("the loop of a process")
struct ProcessLoopTests {
    @Test("has its connections found by their ids without any server, until it ends")
    func registry() async throws {
        let (_, process) = try WebProcess.load(WebProcess.setup([]))
        let directory = process.application.connections
        let loop = ProcessLoop(process.application)
        let id = try await loop.eventLoop.submit {
            let connection = LocalConnection(type: "other", remoteIP: "0")
            loop.registry.add(connection)
            return connection.id
        }.get()
        #expect(await directory.find(id)?.type == "other")
        #expect(await directory.count == 1)
        await loop.shutDown()
        #expect(await directory.find(id) == nil)
        #expect(await directory.count == 0)
    }
}
