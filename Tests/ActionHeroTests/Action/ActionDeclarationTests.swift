// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Testing

@Suite("what an action says of itself")
struct ActionDeclarationTests {
    private struct RandomNumber: Action {
        func run(_ context: Context) async throws -> Int { 1 }
    }

    private struct URLReader: Action {
        static let name = "read:url"
        static let description = "I read"
        static let version = "beta"
        static let middleware = ["a", "b"]
        static let blockedConnectionTypes = ["web"]
        static let logLevel = LogLevel.debug
        static let toDocument = false
        static let matchExtensionMimeType = false
        static let outputExample = ["n": 1]
        static let execution = Execution.threadPool
        static let timeout = Duration.seconds(3)
        func run(_ context: Context) async throws -> NoOutput { NoOutput() }
    }

    @Test("an action that says nothing has the documented defaults")
    func defaults() {
        #expect(RandomNumber.name == "randomNumber")
        #expect(RandomNumber.description == "randomNumber")
        #expect(RandomNumber.version == 1)
        #expect(RandomNumber.version.versionText == "1")
        #expect(RandomNumber.middleware.isEmpty)
        #expect(RandomNumber.blockedConnectionTypes.isEmpty)
        #expect(RandomNumber.logLevel == .info)
        #expect(RandomNumber.toDocument)
        #expect(RandomNumber.matchExtensionMimeType)
        #expect(RandomNumber.execution == .eventLoop)
        #expect(RandomNumber.timeout == .zero)
    }

    @Test("what it does say is seen through the protocol")
    func own() {
        func describe<A: Action>(_ type: A.Type) -> [String] {
            [
                type.name, type.description, type.version.versionText, "\(type.middleware)",
                "\(type.blockedConnectionTypes)", type.logLevel.name, "\(type.toDocument)",
                "\(type.matchExtensionMimeType)", "\(type.outputExample)", "\(type.execution)", "\(type.timeout)",
            ]
        }
        #expect(
            describe(URLReader.self) == [
                "read:url", "I read", "beta", #"["a", "b"]"#, #"["web"]"#, "debug", "false", "false", #"["n": 1]"#,
                "threadPool", "3.0 seconds",
            ])
    }

    @Test("names of middleware, initializers and commands follow the type's, too")
    func otherNames() {
        struct RequestTimer: ActionMiddleware {}
        struct Door: ConnectionMiddleware {}
        struct BootClock: Initializer {}
        struct CleanUp: Command {
            func run(_ application: Application) async throws {}
        }
        #expect(RequestTimer.name == "requestTimer")
        #expect(!RequestTimer.isGlobal)
        #expect(Door.name == "door")
        #expect(BootClock.name == "bootClock")
        #expect([BootClock.loadPriority, BootClock.startPriority, BootClock.stopPriority] == [1000, 1000, 1000])
        #expect(BootClock.after.isEmpty)
        #expect(CleanUp.name == "cleanUp")
        #expect(CleanUp.description == "cleanUp")
        #expect(CleanUp.example.isEmpty)
    }

    @Test("log levels are ordered from severe to chatty and known by name")
    func levels() {
        #expect(LogLevel.allCases.map(\.name).compactMap(LogLevel.init(name:)) == LogLevel.allCases)
        #expect(LogLevel.allCases.sorted() == LogLevel.allCases)
        #expect(LogLevel.emerg < .debug)
        #expect(LogLevel(name: "INFO") == nil)
    }
}
