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
            "actions/ask.swift": Self.ask, "actions/idle.swift": Self.idle, "actions/linger.swift": Self.linger,
            "actions/limited.swift": Self.limited, "actions/subscribe.swift": Self.subscribe,
            "actions/notify.swift": Self.notify, "initializers/hearing.swift": Self.hearing,
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

    private static let ask = """
        import ActionHero

        struct Ask: Action {
            @Input("whom") var member: String
            @Input("what") var text: String
            func run(_ context: Context) async throws -> [String: Bool] {
                _ = try await context.rpc.call("hear", [.string(text)], on: .member(member), timeout: .seconds(60))
                return ["answered": true]
            }
        }
        """

    /// A stream of what is sent to its connection.
    private static let subscribe = """
        import ActionHero
        import Glibc

        struct Subscribe: Action {
            func run(_ context: Context) async throws -> NoOutput {
                context.response.addHeader("X-Connection", context.connection.id)
                context.response.addHeader("X-Process", String(getpid()))
                context.response.sendEvents()
                return NoOutput()
            }
        }
        """

    private static let notify = """
        import ActionHero
        import Glibc

        struct Notify: Action {
            @Input("whom") var id: String
            func run(_ context: Context) async throws -> [String: Int32] {
                try await context.connections.sendMessage(["from": .integer(Int(getpid()))], to: id)
                let seen = try await context.connections.apply(id, "set", ["told", true])
                guard seen["told"] == true, seen["type"] == "web" else { throw ActionError("not told") }
                return ["pid": getpid()]
            }
        }
        """

    private static let idle = """
        import ActionHero

        struct Idle: Action {
            func run(_ context: Context) async throws -> [String: Bool] { ["idle": true] }
        }
        """

    /// Says that it has begun, waits for a file, and then uses Redis again and again.
    private static let linger = """
        import ActionHero
        import Glibc

        struct Linger: Action {
            func run(_ context: Context) async throws -> [String: Int] {
                try await context.cache.save("begun", "yes")
                let root = context.application.projectRoot
                while access("\\(root)/go", F_OK) != 0 { try await Task.sleep(for: .milliseconds(5)) }
                for number in 0..<200 { try await context.cache.save("lingered", String(number)) }
                return ["saved": 200]
            }
        }
        """

    private static let limited = """
        import ActionHero
        import Glibc

        struct Limited: Action {
            static let middleware = ["rateLimit"]
            func run(_ context: Context) async throws -> [String: Int32] { ["pid": getpid()] }
        }
        """

    /// A test of a project: the environment says whether it is to have Redis.
    static let sharedTests = """
        import ActionHero
        import Glibc
        import Testing

        @Suite("what is shared")
        struct SharedTests {
            @Test("is in Redis when that is wanted")
            func shared() async throws {
                let application = try SpecHelper.application
                let isWanted = getenv("WANTED").map { String(cString: $0) } == "yes"
                #expect(application.redis.isEnabled == isWanted)
                try await application.cache.save("k", "v")
                let entry: CacheEntry<String> = try await application.cache.load("k")
                #expect(entry.value == "v")
                application.rpc.register("double") { call in try call.argument(0, as: Int.self) * 2 }
                let answer = try await application.rpc.call("double", [21], timeout: .seconds(60))
                #expect(answer == 42)
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

    /// The number of the process that ends the `redis-server` when everybody is gone.
    static func guardian(of hero: RunningHero) -> Int32? {
        ProcessTable.children(of: hero.identifier).first { child in
            let words = (try? String(contentsOfFile: "/proc/\(child)/cmdline", encoding: .utf8)) ?? ""
            return words.contains("hero-redis-guard")
        }
    }

    /// The number of the `redis-server` that a process has started, the latest.
    static func server(of hero: RunningHero) throws -> Int32 {
        let line = hero.lines.last { $0.contains("redis-server started with pid ") } ?? ""
        let number = line.components(separatedBy: "with pid ").last?.split(separator: ",").first.flatMap { Int32($0) }
        return try #require(number, "no line names the pid")
    }
}
