// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

/// Bundles that use Redis, compiled once for all tests.
struct RedisBundles: Sendable {
    static let shared = Task { try await RedisBundles() }

    private let built: TestProject

    private init() async throws {
        built = try TestProject([
            "actions/keep.swift": Self.keep, "actions/recall.swift": Self.recall, "actions/tell.swift": Self.tell,
            "initializers/hearing.swift": Self.hearing,
        ])
        try await built.build()
    }

    /// A project of its own with all of them.
    ///
    /// - Parameter configuration: Of `config/redis.yml`, below `default:`.
    /// - Returns: The project.
    /// - Throws: An error when they cannot be built.
    static func project(_ configuration: String = "") async throws -> TestProject {
        let built = try await shared.value.built
        let project = try TestProject()
        for directory in ["actions", "initializers"] {
            for name in built.list(directory) where name.hasSuffix(".so") {
                try project.copy(built.path("\(directory)/\(name)"), to: "\(directory)/\(name)")
            }
        }
        if !configuration.isEmpty { try project.write("default:\n\(configuration)\n", to: "config/redis.yml") }
        return project
    }

    private static let keep = """
        import ActionHero

        struct Keep: Action {
            @Input("name") var key: String
            @Input("what") var value: String
            func run(_ context: Context) async throws -> [String: Bool] {
                try await context.cache.save(key, value)
                return ["kept": true]
            }
        }
        """

    private static let recall = """
        import ActionHero
        import Glibc

        struct Recall: Action {
            @Input("name") var key: String
            struct Output: Encodable { let value: String; let pid: Int32; let hasRedis: Bool }
            func run(_ context: Context) async throws -> Output {
                let entry: CacheEntry<String> = try await context.cache.load(key)
                return Output(value: entry.value, pid: getpid(), hasRedis: context.redis.isEnabled)
            }
        }
        """

    /// Every member keeps what it is told under its own name.
    private static let hearing = """
        import ActionHero

        struct Hearing: Initializer {
            func initialize(_ application: Application) async throws {
                application.rpc.register("hear") { call in
                    let text = try call.argument(0, as: String.self)
                    try await application.cache.save("heard-\\(application.id)", text)
                }
            }
        }
        """

    private static let tell = """
        import ActionHero

        struct Tell: Action {
            @Input("what") var text: String
            func run(_ context: Context) async throws -> [String: Int] {
                ["members": try await context.rpc.send("hear", [.string(text)])]
            }
        }
        """
}

/// A `hero` process with Redis.
struct RedisHero {
    let project: TestProject
    let hero: RunningHero

    static func start(
        _ project: TestProject, _ environment: [String: String] = [:], title: String = "one"
    ) async throws -> RedisHero {
        let variables = ["REDIS_ENABLED": "true", "ACTIONHERO_TITLE": title].merging(environment) { $1 }
        return RedisHero(project: project, hero: try await project.start(environment: variables))
    }

    func keep(_ key: String, _ value: String) async throws -> HTTPResponse {
        try await hero.request("/api/keep?key=\(key)&value=\(value)")
    }

    func recall(_ key: String) async throws -> String {
        let response = try await hero.request("/api/recall?key=\(key)")
        guard response.status == 200 else { return "\(response.status) \(response.text)" }
        return try response.decoded(Answer.self).value
    }

    struct Answer: Decodable {
        let value: String
        let pid: Int32
        let hasRedis: Bool
    }

    /// The number of the `redis-server` that a process has started, the latest.
    static func server(of hero: RunningHero) throws -> Int32 {
        let line = hero.lines.last { $0.contains("redis-server started with pid ") } ?? ""
        let number = line.components(separatedBy: "with pid ").last?.split(separator: ",").first.flatMap { Int32($0) }
        return try #require(number, "no line names the pid")
    }
}
