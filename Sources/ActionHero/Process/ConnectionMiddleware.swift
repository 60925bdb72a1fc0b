// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Code that runs when connections come and go.
///
/// One instance serves all connections. Each HTTP request for an action counts as a connection of its own, so keep it
/// cheap.
public protocol ConnectionMiddleware: Sendable {
    /// Makes the instance; called once, when the process boots.
    init()

    /// The name in messages. Default: the type's name with a small first letter.
    static var name: String { get }
    /// Connection middleware runs in ascending order. Default: `general.defaultMiddlewarePriority`, which is 100.
    static var priority: Int { get }

    /// Runs before the connection's welcome message and its first request.
    ///
    /// - Parameter connection: The new connection.
    /// - Throws: Any error refuses the connection: an HTTP request is answered with the error, others are closed.
    func create(_ connection: Connection) async throws

    /// Runs after the connection's last request.
    ///
    /// - Parameter connection: The connection, which can no longer be written to.
    /// - Throws: Any error is logged.
    func destroy(_ connection: Connection) async throws
}

extension ConnectionMiddleware {
    /// The type's name with a small first letter.
    public static var name: String { defaultName(of: Self.self) }
    /// The default place.
    public static var priority: Int { ActionMiddlewarePriority.unspecified }
    /// Does nothing.
    public func create(_ connection: Connection) async throws {}
    /// Does nothing.
    public func destroy(_ connection: Connection) async throws {}
}
