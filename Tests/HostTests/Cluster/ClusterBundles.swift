// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

/// Bundles for clusters, compiled once for all tests.
struct ClusterBundles: Sendable {
    static let shared = Task { try await ClusterBundles() }

    private let good: TestProject
    private let bad: TestProject

    private init() async throws {
        good = try TestProject([
            "actions/version.swift": Self.action("Version", "variant-0000000000"),
            "actions/probe.swift": Self.action("Probe", "the probe is good"),
            "actions/slow.swift": Self.slow, "actions/echo.swift": Self.echo, "actions/crash.swift": Self.crash,
            "actions/block.swift": Self.block, "actions/download.swift": Self.download,
            "actions/endless.swift": Self.endless,
        ])
        bad = try TestProject([
            "actions/probe.swift": Self.action("Probe", "never", "fatalError(\"the probe is bad\")"),
            "initializers/throws.swift": Self.initializer("throw ActionError(\"no database here\")"),
            "initializers/hangs.swift": Self.initializer("try await Task.sleep(for: .seconds(3600))"),
        ])
        try await good.build()
        try await bad.build()
        try await CBundle.compile(
            "int nobody(void);\n" + CBundle.action("lost", "nobody()"), to: "actions/lost.so", in: bad)
        try await CBundle.compile(
            "#include <stdlib.h>\n__attribute__((constructor)) static void run(void) { abort(); }\n"
                + CBundle.action("loud"), to: "actions/loud.so", in: bad)
        for name in ["lost", "loud"] { try await CBundle.stamp("actions/\(name).so", in: bad) }
    }

    /// All good ones, in a project of its own.
    func project() throws -> TestProject {
        let project = try TestProject()
        try install(in: project.root)
        return project
    }

    func install(in root: String) throws {
        try FileManager.default.createDirectory(atPath: "\(root)/actions", withIntermediateDirectories: true)
        for name in good.list("actions") where name.hasSuffix(".so") {
            try FileManager.default.copyItem(atPath: good.path("actions/\(name)"), toPath: "\(root)/actions/\(name)")
        }
    }

    /// The action `version`, answering with a number that was not there when it was compiled.
    func version(_ number: Int) throws -> Data {
        var bytes = try good.bytes("actions/version.so")
        let text = Data("variant-0000000000".utf8)
        while let place = bytes.range(of: text) {
            bytes.replaceSubrange(place, with: Data(Self.variant(number).utf8))
        }
        return bytes
    }

    static func variant(_ number: Int) -> String { "variant-" + String(10_000_000_000 + number).dropFirst() }

    /// What is on disk differently, by path, for each way to be bad.
    func files(_ bad: BadDeploy) throws -> [String: Data] {
        switch bad {
        case .truncated:
            let bytes = try version(1)
            return ["actions/version.so": bytes.prefix(bytes.count * 2 / 3)]
        case .otherCompiler:
            var bytes = try version(1)
            let place = try #require(bytes.range(of: Data("(swift-6".utf8), options: .backwards))
            bytes.replaceSubrange(place, with: Data("(swift-5".utf8))
            return ["actions/version.so": bytes]
        case .missingSymbol: return ["actions/lost.so": try self.bad.bytes("actions/lost.so")]
        case .initializerThrows: return ["initializers/throws.so": try self.bad.bytes("initializers/throws.so")]
        case .initializerHangs: return ["initializers/hangs.so": try self.bad.bytes("initializers/hangs.so")]
        case .crashesOnLoad: return ["actions/loud.so": try self.bad.bytes("actions/loud.so")]
        case .crashesOnRequest: return ["actions/probe.so": try self.bad.bytes("actions/probe.so")]
        case .invalidYAML: return ["config/servers/web.yml": Data("default:\n  port: [1\n".utf8)]
        }
    }
}

/// Ways in which a deploy can be bad.
enum BadDeploy: CaseIterable {
    case truncated, otherCompiler, missingSymbol, initializerThrows, initializerHangs, crashesOnLoad
    case crashesOnRequest, invalidYAML

    /// A part of the reason that operators are given.
    var reason: String {
        switch self {
        case .truncated: "HB102 actions/version.so is cut short"
        case .otherCompiler: "HB106 actions/version.so: built with Swift"
        case .missingSymbol: "undefined symbol: nobody"
        case .initializerThrows: "no database here"
        case .initializerHangs: "was not ready after 10 s (initializer `bad` has not returned from initialize)"
        case .crashesOnLoad: "the worker crashed (loading bundles)"
        case .crashesOnRequest: "the probe is bad"
        case .invalidYAML: "config/servers/web.yml"
        }
    }
}

// Sources.
extension ClusterBundles {
    private static func action(_ name: String, _ text: String, _ before: String = "") -> String {
        """
        import ActionHero
        import Glibc

        struct \(name): Action {
            struct Output: Encodable { let text: String; let pid: Int }
            func run(_ context: Context) async throws -> Output {
                \(before)
                return Output(text: "\(text)", pid: Int(getpid()))
            }
        }
        """
    }

    private static let slow = """
        import ActionHero
        import Glibc

        struct Slow: Action {
            @Input("milliseconds") var time = 100
            struct Output: Encodable { let text: String; let pid: Int }
            func run(_ context: Context) async throws -> Output {
                try await Task.sleep(for: .milliseconds(time))
                return Output(text: "slept", pid: Int(getpid()))
            }
        }
        """

    private static let echo = """
        import ActionHero
        import Glibc

        struct Echo: Action {
            @Input("what is sent back") var text: String
            struct Output: Encodable { let text: String; let pid: Int }
            func run(_ context: Context) async throws -> Output { Output(text: text, pid: Int(getpid())) }
        }
        """

    private static let crash = """
        import ActionHero

        struct Crash: Action {
            func run(_ context: Context) async throws -> [String: Int] { fatalError("a crash on demand") }
        }
        """

    private static let block = """
        import ActionHero

        struct Block: Action {
            func run(_ context: Context) async throws -> [String: Int] { waitForEver() }
        }

        @inline(never) func waitForEver() -> [String: Int] {
            var number = 1
            while number != 0 { number = (number &* 3) | 1 }
            return ["number": number]
        }
        """

    private static let endless = """
        import ActionHero

        struct Endless: Action {
            func run(_ context: Context) async throws -> [String: Int] {
                while true { await Task.detached { try? await Task.sleep(for: .milliseconds(5)) }.value }
            }
        }
        """

    private static let download = """
        import ActionHero

        struct Download: Action {
            @Input("chunks") var count = 10
            @Input("milliseconds between them") var pause = 50
            func run(_ context: Context) async throws -> NoOutput {
                let (count, pause) = (count, pause)
                let chunks = AsyncStream<[UInt8]> { continuation in
                    let task = Task {
                        for number in 0..<count {
                            continuation.yield(Array("chunk \\(number)\\n".utf8))
                            try? await Task.sleep(for: .milliseconds(pause))
                        }
                        continuation.finish()
                    }
                    continuation.onTermination = { _ in task.cancel() }
                }
                context.response.send(stream: chunks, headers: ["Content-Type": "text/plain"])
                return NoOutput()
            }
        }
        """

    private static func initializer(_ body: String) -> String {
        """
        import ActionHero

        struct Bad: Initializer {
            func initialize(_ application: Application) async throws { \(body) }
        }
        """
    }
}
