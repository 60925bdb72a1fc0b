// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Everything that an action and its middleware may touch while they handle one request.
///
/// There are no globals to reach for, so an action can be tested with a context of the test's own. All copies refer to
/// the same request.
public struct Context: Sendable {
    private let host: any ContextHost

    package init(host: any ContextHost) { self.host = host }

    /// The name under which the action was asked for.
    public var actionName: String { host.actionName }

    /// The version of the action that runs.
    public var actionVersion: String { host.actionVersion }

    /// Who asks.
    public var connection: Connection { Connection(host: host.connectionHost) }

    /// The parameters as the client sent them.
    ///
    /// Middleware's ``ActionMiddleware/before(_:)`` sees all of them; afterwards those that are no input of the action
    /// are gone, unless `general.disableParamScrubbing` is set.
    public var params: JSON.Object { host.params }

    /// Identifies the request: chosen by the client or, over HTTP, a fresh UUID.
    public var messageID: String { host.messageID }

    /// Where middleware leaves things for the action, for example who is logged in.
    public var session: Session { host.session }

    /// What will be answered.
    public var response: Response { Response(host: host.responseHost) }

    /// The process.
    public var application: Application { Application(host: host.applicationHost) }

    /// What initializers provide.
    public var services: Services { host.applicationHost.services }

    /// Values that all processes of the cluster share.
    public var cache: Cache { application.cache }

    /// Locks that one task at a time holds, in the whole cluster.
    public var locks: Locks { application.locks }

    /// Calls between the processes of the cluster.
    public var rpc: RPC { application.rpc }

    /// The connections of all processes of the cluster, by their ids; that of the request is ``connection``.
    public var connections: Connections { application.connections }

    /// Background jobs.
    public var tasks: Tasks { application.tasks }

    /// Redis itself.
    public var redis: Redis { application.redis }

    /// The configuration of the process.
    public var config: Configuration { application.config }

    /// The way to those who collect errors.
    public var errors: Errors { application.errors }

    /// The application's log.
    public var log: Log { application.log }

    /// Makes the host skip the action; middleware's ``ActionMiddleware/after(_:error:)`` still runs and the response is
    /// answered as it is.
    ///
    /// Has an effect in ``ActionMiddleware/before(_:)`` only.
    public func skipAction() { host.skipAction() }

    /// Runs another action in line, with its middleware and validation, on a connection of type `in-line-action`.
    ///
    /// - Parameters:
    ///   - name: The name of the action.
    ///   - version: Its version; `nil` for the latest.
    ///   - params: Its parameters.
    /// - Returns: The response, usually an object.
    /// - Throws: ``ActionError`` with the error that a client would have got.
    public func run(_ name: String, version: String? = nil, params: JSON.Object = [:]) async throws -> JSON {
        try await application.run(name, version: version, params: params)
    }
}
