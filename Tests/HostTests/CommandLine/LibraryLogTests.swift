// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("the page about libraries that use swift-log")
struct LibraryLogTests {
    /// What the page's code needs of swift-log's module; the tests do without a network.
    private static let module = """
        public struct Logger: Sendable {
            public enum Level: Sendable { case trace, debug, info, notice, warning, error, critical }

            public struct Message: ExpressibleByStringInterpolation, CustomStringConvertible, Sendable {
                public let description: String
                public init(stringLiteral value: String) { description = value }
            }

            public typealias Metadata = [String: MetadataValue]

            public enum MetadataValue: ExpressibleByStringInterpolation, ExpressibleByDictionaryLiteral, Sendable {
                case string(String)
                case stringConvertible(any CustomStringConvertible & Sendable)
                case dictionary(Metadata)
                case array([MetadataValue])
                public init(stringLiteral value: String) { self = .string(value) }
                public init(dictionaryLiteral elements: (String, MetadataValue)...) {
                    self = .dictionary(Dictionary(uniqueKeysWithValues: elements))
                }
            }

            package let handler: any LogHandler

            public init(label: String) { handler = LoggingSystem.make(label) }

            public func notice(_ message: Message, metadata: Metadata? = nil) { log(.notice, message, metadata) }
            public func trace(_ message: Message) { log(.trace, message, nil) }
            public func critical(_ message: Message) { log(.critical, message, nil) }

            package func log(_ level: Level, _ message: Message, _ metadata: Metadata?) {
                handler.log(
                    level: level, message: message, metadata: metadata, source: "", file: "", function: "", line: 0)
            }
        }

        public protocol LogHandler: Sendable {
            var metadata: Logger.Metadata { get set }
            var logLevel: Logger.Level { get set }
            subscript(metadataKey key: String) -> Logger.MetadataValue? { get set }
            func log(
                level: Logger.Level, message: Logger.Message, metadata: Logger.Metadata?, source: String, file: String,
                function: String, line: UInt)
        }

        public enum LoggingSystem {
            nonisolated(unsafe) private static var factory: (@Sendable (String) -> any LogHandler)?

            public static func bootstrap(_ factory: @escaping @Sendable (String) -> any LogHandler) {
                self.factory = factory
            }

            package static func make(_ label: String) -> any LogHandler {
                guard let factory else { fatalError("no handler for \\(label)") }
                return factory(label)
            }
        }
        """

    @Test("what a library says is in the log of the process, with its level and its metadata")
    func bridge() async throws {
        let page = try DocumentPage("swift-log.md")
        let project = try TestProject([
            "lib/Logging/Logging.swift": Self.module, "lib/Billing/Ledger.swift": page.block("swift library"),
            "initializers/libraryLog.swift": page.block("swift initializer"),
            "actions/book.swift": """
            import ActionHero
            import Billing
            import Logging

            struct Book: Action {
                func run(_ context: Context) async throws -> Bool {
                    Ledger().book(5)
                    let logger = Logger(label: "app")
                    logger.trace("quiet")
                    logger.critical("loud")
                    return true
                }
            }
            """,
        ])
        try await project.build()
        let hero = try await project.start(environment: ["ACTIONHERO_TITLE": "shop"])
        let connection = try HTTPConnection(port: try await hero.port)
        try await connection.send("GET /api/book HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        #expect(try await connection.response().status == 200)
        #expect(try await hero.stop() == 0)
        let lines = try project.read("log/shop-development.log").components(separatedBy: "\n")
        let booked = try #require(lines.first { $0.contains("booked") })
        #expect(booked.hasPrefix(#"{"level":"notice","message":"booked","timestamp":""#))
        #expect(
            booked.hasSuffix(
                #","label":"billing.ledger","metadata":{"account":{"number":"7"},"amount":"5"}}"#)
                || booked.hasSuffix(
                    #","label":"billing.ledger","metadata":{"amount":"5","account":{"number":"7"}}}"#),
            "\(booked)")
        #expect(lines.contains { $0.hasPrefix(#"{"level":"debug","message":"quiet""#) })
        #expect(lines.contains { $0.hasPrefix(#"{"level":"crit","message":"loud""#) })
    }
}
