// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport
import Testing

@testable import HeroShared

@Suite("the end of a process", .timeLimit(.minutes(10)))
struct FarewellTests {
    @Test("does not wait for a Redis that is away, however patient commands are")
    func away() async throws {
        let project = try TestProject(["config/.keep": ""])
        let server = try await RedisServer(.socket)
        let settings = SharedSettings(id: "node-a", projectRoot: project.root)
        let member = Member(settings, server, commandTimeout: 3_600_000)
        try await member.services.start()
        try await server.kill()
        await member.close()
        #expect(member.log.lines(containing: "the other members could not be told").count == 1)
    }
}
