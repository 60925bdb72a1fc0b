// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
package import HeroConfiguration
package import HeroLog
package import HeroSystem
internal import Synchronization

/// What all parts of one process share: the host behind the SDK's `Application`.
package final class HeroApplication: ApplicationHost {
    package let id: String
    package let projectRoot: String
    package let configuration: EffectiveConfiguration
    package let core: CoreConfiguration
    package let log: LogRouter
    package let services = Services()
    package let errorReporters: ErrorReporters
    package let readiness = Readiness()
    /// The connections that the servers of this process hold.
    package let connections = ConnectionDirectory()
    /// What the workers of a cluster share, and which place is this one's; `nil` without a cluster.
    package let board: (board: WorkerBoard, slot: Int)?
    package let boardSlot: BoardSlot?
    private let bootTime: WallTime
    private let processor = Mutex<ActionProcessor?>(nil)
    private let sharing: Mutex<SharedServices>
    private let jobs = Mutex<(any TaskHost)?>(nil)

    package init(
        id: String, projectRoot: String, configuration: EffectiveConfiguration, core: CoreConfiguration, log: LogRouter,
        board: (board: WorkerBoard, slot: Int)? = nil
    ) {
        self.board = board
        boardSlot = board.map { $0.board.slot($0.slot) }
        self.id = id
        self.projectRoot = projectRoot
        self.configuration = configuration
        self.core = core
        self.log = log
        errorReporters = ErrorReporters(processID: id, environment: configuration.environment, core, log)
        bootTime = .now
        let settings = SharedSettings(id: id, projectRoot: projectRoot, core)
        sharing = Mutex(SharedServices(settings, clients: nil, log: log, connections))
    }

    /// What processes share; within this process until clients are installed.
    package var shared: SharedServices { sharing.withLock { $0 } }

    /// Goes over to Redis.
    ///
    /// Called before the initializers run, so that nothing is registered with services that are replaced.
    ///
    /// - Parameter clients: Connections, which outlive what uses them.
    /// - Returns: The services, to be started with the servers and stopped after them.
    @discardableResult
    package func install(_ clients: RedisClients) -> SharedServices {
        let settings = SharedSettings(id: id, projectRoot: projectRoot, core)
        let services = SharedServices(settings, clients: clients, log: log, connections)
        sharing.withLock { $0 = services }
        return services
    }

    /// Called before the initializers run: who takes jobs from now on.
    package func install(_ tasks: any TaskHost) { jobs.withLock { $0 = tasks } }

    package var cacheHost: any CacheHost { shared.cacheHost }
    package var lockHost: any LockHost { shared.lockHost }
    package var connectionsHost: any ConnectionsHost { shared.connections }
    package var rpcHost: any RPCHost { shared.rpcHost }
    package var redisHost: any RedisHost { shared.redisHost }
    package var taskHost: any TaskHost { jobs.withLock { $0 } ?? shared.taskHost }

    package var configurationHost: any ConfigurationHost { configuration }
    package var logHost: any LogHost { log }
    package var errorHost: any ErrorHost { errorReporters }
    package var uptimeMilliseconds: Int { WallTime.now.milliseconds - bootTime.milliseconds }

    /// The SDK's view of this process.
    package var facade: Application { Application(host: self) }

    /// Called once, when the actions are loaded.
    func install(_ processor: ActionProcessor) { self.processor.withLock { $0 = processor } }

    package func run(_ name: String, version: String?, params: JSON.Object) async throws -> JSON {
        try await runner().runInline(name, version: version, params: params)
    }

    package func answer(_ name: String, version: String?, params: JSON.Object) async -> JSON {
        do {
            let call = try await runner().call(name, version: version, params: params, connectionType: "in-line-action")
            return call.response.data
        } catch {
            return ["error": .string("\(error)")]
        }
    }

    func runner() throws -> ActionProcessor {
        guard let processor = processor.withLock({ $0 }) else {
            throw ActionError("actions cannot run yet: wait for start(_:), initialize(_:) is too early")
        }
        return processor
    }
}

extension ActionProcessor {
    /// Runs an action on a connection of its own and returns what a client would have got.
    ///
    /// - Throws: `ActionError`.
    package func runInline(_ name: String, version: String?, params: JSON.Object) async throws -> JSON {
        let call = try await call(name, version: version, params: params, connectionType: "in-line-action")
        if let error = call.result?.error { throw error.asActionError }
        let response = call.response.data
        if let error = response["error"] { throw ActionError(payload: error) }
        return response
    }

    /// Runs an action on a connection of its own.
    ///
    /// - Returns: The call, which has ended.
    /// - Throws: `ActionError` when actions run each other too deep.
    package func call(
        _ name: String, version: String?, params: JSON.Object, connectionType: String
    ) async throws -> ActionCall {
        let depth = InlineCalls.depth
        guard depth < InlineCalls.maximumDepth else {
            throw ActionError("actions run each other more than \(InlineCalls.maximumDepth) levels deep")
        }
        let connection = LocalConnection(type: connectionType, remoteIP: "0")
        var params = params
        params["action"] = .string(name)
        if let version { params["apiVersion"] = .string(version) }
        let request = ActionRequest(
            connection: connection, actionName: name, params: params, messageID: .text(connection.id))
        return await InlineCalls.$depth.withValue(depth + 1) { await run(request) }
    }
}

/// How many actions run around the current task.
private enum InlineCalls {
    /// Two actions that run each other would otherwise go on until memory ends.
    static let maximumDepth = 100

    @TaskLocal static var depth = 0
}
