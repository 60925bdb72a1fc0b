// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// The process that runs initializers, actions and commands.
public struct Application: Sendable {
    private let host: any ApplicationHost

    package init(host: any ApplicationHost) { self.host = host }

    /// The server id: the title, or the machine's address.
    ///
    /// The id names this process in logs, locks and the cluster.
    public var id: String { host.id }

    /// The directory that holds `config/`, `actions/` and the rest.
    public var projectRoot: String { host.projectRoot }

    /// How long ago the process started, in milliseconds.
    public var uptimeMilliseconds: Int { host.uptimeMilliseconds }

    /// The configuration of the process.
    public var config: Configuration { Configuration(host: host.configurationHost) }

    /// The application's log.
    public var log: Log { Log(host: host.logHost) }

    /// The way to those who collect errors.
    public var errors: Errors { Errors(host: host.errorHost) }

    /// What initializers provide.
    public var services: Services { host.services }

    /// Values that all processes of the cluster share.
    public var cache: Cache { Cache(host: host.cacheHost, lockName: host.id) }

    /// Locks that one task at a time holds, in the whole cluster.
    public var locks: Locks { Locks(host: host.lockHost) }

    /// Calls between the processes of the cluster.
    public var rpc: RPC { RPC(host: host.rpcHost) }

    /// The connections of all processes of the cluster, by their ids.
    public var connections: Connections { Connections(host: host.connectionsHost) }

    /// Background jobs.
    public var tasks: Tasks { Tasks(host: host.taskHost) }

    /// Redis itself.
    public var redis: Redis { Redis(host: host.redisHost) }

    /// Runs an action in line, with its middleware and validation, on a connection of type `in-line-action`.
    ///
    /// - Parameters:
    ///   - name: The name of the action.
    ///   - version: Its version; `nil` for the latest.
    ///   - params: Its parameters.
    /// - Returns: The response, usually an object.
    /// - Throws: ``ActionError`` with the error that a client would have got.
    public func run(_ name: String, version: String? = nil, params: JSON.Object = [:]) async throws -> JSON {
        try await host.run(name, version: version, params: params)
    }
}
