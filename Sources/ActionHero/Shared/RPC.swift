// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Calls between the processes of a cluster.
///
///     // initialize(_:)
///     application.rpc.register("prices.reload") { call in try await prices.reload(); return prices.count }
///     // an action
///     let count = try await context.rpc.call("prices.reload", on: .member("worker-2"))
///
/// Calls travel over Redis' publish and subscribe, as those of ActionHero for Node, whose processes may be among the
/// members: a call may get lost, and nothing is stored for members that are away. Without Redis the only member is this
/// process.
public struct RPC: Sendable {
    /// Who is called.
    public struct Target: Sendable, Hashable {
        package let connectionID: String?

        /// Everybody, the caller included.
        public static let all = Target(connectionID: nil)

        /// The process of that server id; processes of ActionHero for Node cannot be called by their id.
        ///
        /// - Parameter id: ``Application/id`` of the process.
        /// - Returns: The target.
        public static func member(_ id: String) -> Target { Target(connectionID: memberPrefix + id) }

        /// The process that holds a client's connection.
        ///
        /// - Parameter id: ``Connection/id``.
        /// - Returns: The target.
        public static func connection(_ id: String) -> Target {
            // What a client sends as an id must not choose among the members: nobody holds a connection of that name.
            Target(connectionID: id.hasPrefix(memberPrefix) ? "connection:" + id : id)
        }

        /// Stands where the reference has a connection's id, so that its processes leave the call alone.
        package static let memberPrefix = "member:"
    }

    private let host: any RPCHost

    package init(host: any RPCHost) { self.host = host }

    /// Lets others call a method of this process; an earlier one of that name is replaced.
    ///
    /// - Parameters:
    ///   - name: Its name, with or without the `api.` that it has on the wire.
    ///   - method: Called for each call, several at a time, on no particular thread. What it throws is logged, and the
    ///     caller gets no answer.
    public func register<Output: Encodable & Sendable>(
        _ name: String, _ method: @escaping @Sendable (RPCCall) async throws -> Output
    ) {
        host.register(name) { try await JSON(method($0)) }
    }

    /// Lets others call a method that has no result.
    ///
    /// - Parameters:
    ///   - name: Its name, with or without the `api.` that it has on the wire.
    ///   - method: Called for each call, several at a time, on no particular thread. What it throws is logged, and the
    ///     caller gets no answer.
    public func register(_ name: String, _ method: @escaping @Sendable (RPCCall) async throws -> Void) {
        host.register(name) { call in
            try await method(call)
            return nil
        }
    }

    /// Calls a method and waits for the first answer.
    ///
    /// - Parameters:
    ///   - name: Its name, with or without `api.`.
    ///   - arguments: What it is called with.
    ///   - target: Who is called.
    ///   - timeout: How long to wait. `nil` for `general.rpcTimeout`.
    /// - Returns: The answer; `null` when the method has no result.
    /// - Throws: ``RPCError`` when nobody answered in time, which is also what happens when the method throws or does
    ///   not exist, and at once when the answer is too large; ``RedisFailure``.
    public func call(
        _ name: String, _ arguments: [JSON] = [], on target: Target = .all, timeout: Duration? = nil
    ) async throws -> JSON {
        try await host.call(name, arguments, target.connectionID, timeout: timeout?.wholeMilliseconds) ?? .null
    }

    /// Calls a method and does not wait for an answer.
    ///
    /// - Parameters:
    ///   - name: Its name, with or without `api.`.
    ///   - arguments: What it is called with.
    ///   - target: Who is called.
    /// - Returns: How many processes Redis has passed the call on to, whether or not they are called by it; in a Redis
    ///   Cluster, those of one node.
    /// - Throws: ``RPCError`` when the arguments are too large; ``RedisFailure``.
    @discardableResult
    public func send(_ name: String, _ arguments: [JSON] = [], on target: Target = .all) async throws -> Int {
        try await host.send(name, arguments, target.connectionID)
    }
}
