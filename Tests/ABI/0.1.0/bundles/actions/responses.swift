// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero

struct Streamed: Action {
    func run(_ context: Context) async throws -> JSON {
        let chunks = AsyncStream<[UInt8]> { continuation in
            for number in 1...3 { continuation.yield(Array("chunk \(number)\n".utf8)) }
            continuation.finish()
        }
        context.response.send(stream: chunks, headers: ["Content-Type": "text/plain"])
        return nil
    }
}

struct Plain: Action {
    func run(_ context: Context) async throws -> JSON {
        context.response.send("plain", headers: ["Content-Type": "text/plain"])
        return nil
    }
}

class Animal: Action, @unchecked Sendable {
    required init() {}
    class var name: String { "animal" }
    class var sound: String { "?" }
    func run(_ context: Context) async throws -> [String: String] { ["sound": Self.sound] }
}

/// Inherits its conformance, which has no record of its own.
final class Cat: Animal, @unchecked Sendable {
    override class var name: String { "cat" }
    override class var sound: String { "meow" }
}

protocol Numbered: Action where Output == [String: Int] {
    static var number: Int { get }
}

extension Numbered {
    func run(_ context: Context) async throws -> [String: Int] { ["number": Self.number] }
}

enum Names { struct Nested: Numbered { static let number = 4 } }
