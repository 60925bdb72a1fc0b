// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroTestSupport
import Testing

/// The servers that exchanges are replayed against, one for each configuration.
actor ReplayServers {
    /// Those of the suite that runs.
    @TaskLocal static var shared = ReplayServers()

    private struct Running {
        let project: TestProject
        let hero: RunningHero
    }

    private var servers: [String: Task<Running, any Error>] = [:]

    /// The server with that configuration; started when it is asked for first.
    func server(_ config: JSON) async throws -> RunningHero {
        let key = config.description
        let task =
            servers[key]
            ?? Task {
                let project = try await FixtureProject.make(automaticMethods: Self.automaticMethods(config))
                return Running(project: project, hero: try await project.start(environment: Self.environment(config)))
            }
        servers[key] = task
        return try await task.value.hero
    }

    private static func automaticMethods(_ config: JSON) -> [String] {
        let configured = config["ACTIONHERO_CONFIG_OVERRIDES"]?["web"]?["automaticRoutes"]?.arrayValue
        return configured?.compactMap(\.stringValue) ?? []
    }

    /// What the recordings call config is environment; its overrides have the names of our keys.
    static func environment(_ config: JSON) -> [String: String] {
        var environment = ["LOG_LEVEL": "info"]
        for (name, value) in config.objectValue ?? [:] {
            environment[name == "NODE_ENV" ? "ACTIONHERO_ENV" : name] =
                value.stringValue ?? translated(value).description
        }
        return environment
    }

    /// Keys that have another name here.
    private static func translated(_ value: JSON) -> JSON {
        guard case .object(let members) = value else { return value }
        var result = JSON.Object()
        for (name, value) in members {
            if name == "httponly" { result["httpOnly"] = true } else { result[name] = translated(value) }
            // The reference has no brotli, nor has every machine.
            if name == "compress" { result["compression"] = ["encodings": ["gzip", "deflate"]] }
        }
        return .object(result)
    }

    func stopAll() async throws {
        for task in servers.values {
            let running = try await task.value
            #expect(try await running.hero.stop() == 0, "a server did not survive the replay")
        }
        servers = [:]
    }
}

/// Stops the servers when the suite is over.
struct StoppingReplayServers: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let servers = ReplayServers()
        try await ReplayServers.$shared.withValue(servers) { try await function() }
        try await servers.stopAll()
    }
}
