// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// The connections of all processes, by their ids.
///
///     // an action of any process
///     try await context.connections.sendMessage(["paid": true], to: connectionID)
///
/// A connection is held by one process. Calls for another process travel as those of ``RPC`` do, and those of ActionHero for
/// Node understand each other's.
public struct Connections: Sendable {
    private let host: any ConnectionsHost

    package init(host: any ConnectionsHost) { self.host = host }

    /// A connection that this process holds.
    ///
    /// HTTP requests are among them while they are being answered, streams as long as they last.
    ///
    /// - Parameter id: ``Connection/id``.
    /// - Returns: `nil` when another process holds it, or it has ended.
    public func find(_ id: String) async -> Connection? { await host.find(id).map { Connection(host: $0) } }

    /// How many connections this process holds; HTTP connections that wait for a request do not count.
    public var count: Int { get async { await host.count } }

    /// What is known about a connection, whichever process holds it.
    ///
    /// - Parameter id: ``Connection/id``.
    /// - Returns: `id`, `fingerprint`, `type`, `remoteIP`, `remotePort`, `connectedAt`, `rooms` and others, and what has
    ///   been set.
    /// - Throws: ``RPCError`` with the text `RPC Timeout` when nobody holds the connection; ``RedisFailure``.
    public func apply(_ id: String) async throws -> JSON.Object {
        try await host.apply(id, nil, [], isAnswerWanted: true)
    }

    /// Calls a method of a connection, whichever process holds it.
    ///
    /// - Parameters:
    ///   - id: ``Connection/id``.
    ///   - method: `sendMessage`, `sendFile`, `set`, `destroy`, or what the connection's server has beside these.
    ///   - arguments: What it is called with.
    /// - Returns: What is known about the connection afterwards, as from ``apply(_:)``.
    /// - Throws: ``RPCError`` with the text `RPC Timeout` when nobody holds the connection; ``RedisFailure``; what the method
    ///   throws, in another process too: ``ActionError``, ``ConnectionError``, and other errors as an ``RPCError`` with
    ///   their text.
    @discardableResult
    public func apply(_ id: String, _ method: String, _ arguments: [JSON] = []) async throws -> JSON.Object {
        try await host.apply(id, method, arguments, isAnswerWanted: true)
    }

    /// Sends a message to a connection, whichever process holds it: see ``Connection/sendMessage(_:)``.
    ///
    /// - Parameters:
    ///   - message: Any JSON value.
    ///   - id: ``Connection/id``.
    /// - Throws: As ``apply(_:_:_:)``.
    public func sendMessage(_ message: JSON, to id: String) async throws {
        try await tell(id, "sendMessage", [message])
    }

    /// Sets a value of a connection, whichever process holds it: see ``Connection/set(_:_:)``.
    ///
    /// - Parameters:
    ///   - name: Any text but the names of what is known about every connection, such as `id`.
    ///   - value: `null` removes it; all values of a connection have 64 kB.
    ///   - id: ``Connection/id``.
    /// - Throws: As ``apply(_:_:_:)``.
    public func set(_ name: String, _ value: JSON, of id: String) async throws {
        try await tell(id, "set", [.string(name), value])
    }

    /// Closes a connection, whichever process holds it: see ``Connection/destroy()``.
    ///
    /// - Parameter id: ``Connection/id``.
    /// - Throws: As ``apply(_:_:_:)``.
    public func destroy(_ id: String) async throws { try await tell(id, "destroy", []) }

    private func tell(_ id: String, _ method: String, _ arguments: [JSON]) async throws {
        _ = try await host.apply(id, method, arguments, isAnswerWanted: false)
    }
}
