// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport
import Testing

@testable import HeroRedis

@Suite("a program in place of redis-server", .timeLimit(.minutes(10)))
struct SilentProgramTests {
    @Test("that does not say its version does not keep the process from its end")
    func hangs() async throws {
        let project = try TestProject(["server": "#!/bin/sh\ntouch \"$(dirname \"$0\")/asked\"\nsleep 1000\n"])
        try await project.makeExecutable("server")
        var settings = EmbeddedSettings(directory: project.path("data"))
        settings.executable = project.path("server")
        let server = try EmbeddedServer(settings, environment: [:]) { _, _ in }
        server.start()
        try await RedisSentinelSet.poll { project.exists("asked") }
        server.stop()
    }
}
