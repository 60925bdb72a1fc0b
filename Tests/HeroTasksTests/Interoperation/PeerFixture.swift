// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroRedis
import HeroTasks
import HeroTestSupport
import Testing

/// A server that we and another program share.
struct PeerFixture {
    let ours: JobFixture
    let peer: ResquePeer

    /// Runs a test, or ends it, with the reason, where the program is not installed.
    static func with(
        _ peer: ResquePeer, namespace: String = "resque", _ body: (PeerFixture) async throws -> Void
    ) async throws {
        if let absence = await peer.absence() { try Test.cancel("\(absence)") }
        try await JobFixture.with(namespace: namespace) { try await body(PeerFixture(ours: $0, peer: peer)) }
    }

    var socket: String { ours.server?.socketPath ?? "" }

    @discardableResult
    func enqueue(_ name: String, _ arguments: String, queue: String = "q") async throws -> [UInt8] {
        try await peer.run("enqueue", queue, name, arguments, socket: socket, namespace: ours.keys.namespace)
        return try #require(try await ours.redis("LINDEX", ours.keys.queue(queue), -1).bytes)
    }

    @discardableResult
    func work(_ queues: String = "*") async throws -> [JSON] {
        try await peer.run("work", queues, socket: socket, namespace: ours.keys.namespace)
            .map { try JSON(parsing: $0) }
    }

    func show() async throws -> JSON {
        let lines = try await peer.run("show", socket: socket, namespace: ours.keys.namespace)
        return try JSON(parsing: try #require(lines.last))
    }

    func run(_ words: String, _ index: Int) async throws {
        try await peer.run(words, String(index), socket: socket, namespace: ours.keys.namespace)
    }
}
