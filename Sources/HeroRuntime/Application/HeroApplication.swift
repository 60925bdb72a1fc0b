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
    package let connections: ConnectionDirectory
    /// What the workers of a cluster share, and which place is this one's; `nil` without a cluster.
    package let board: (board: WorkerBoard, slot: Int)?
    package let boardSlot: BoardSlot?
    private let bootTime: WallTime
    private let actions = Mutex<(any InlineActions)?>(nil)
    private let installed: Mutex<any ProcessSharing>
    private let jobs = Mutex<any TaskHost>(NoJobs())

    /// - Parameters:
    ///   - site: Id, configuration and log.
    ///   - configuration: All of it.
    ///   - board: What the workers of a cluster share, and which place is this one's.
    ///   - sharing: What the process shares until something else is installed.
    init(
        _ site: SharingSite, configuration: EffectiveConfiguration, board: (board: WorkerBoard, slot: Int)?,
        sharing: any ProcessSharing
    ) {
        self.board = board
        boardSlot = board.map { $0.board.slot($0.slot) }
        id = site.id
        projectRoot = site.projectRoot
        self.configuration = configuration
        core = site.core
        log = site.log
        connections = site.connections
        errorReporters = ErrorReporters(
            processID: site.id, environment: configuration.environment, site.core, site.log)
        bootTime = .now
        installed = Mutex(sharing)
    }

    /// What processes share.
    package var sharing: any ProcessSharing { installed.withLock { $0 } }

    /// For whoever makes what is to take the place of ``sharing``.
    package var sharingSite: SharingSite {
        SharingSite(id: id, projectRoot: projectRoot, core: core, log: log, connections: connections)
    }

    /// Shares something else from now on.
    ///
    /// Called before there is a `HeroProcess`, so that nothing is registered with services that are replaced.
    package func install(_ sharing: any ProcessSharing) { installed.withLock { $0 = sharing } }

    /// Called before the initializers run: who takes jobs from now on.
    package func install(_ tasks: any TaskHost) { jobs.withLock { $0 = tasks } }

    package var cacheHost: any CacheHost { sharing.cacheHost }
    package var lockHost: any LockHost { sharing.lockHost }
    package var connectionsHost: any ConnectionsHost { sharing.connectionsHost }
    package var rpcHost: any RPCHost { sharing.rpcHost }
    package var redisHost: any RedisHost { sharing.redisHost }
    package var taskHost: any TaskHost { jobs.withLock { $0 } }

    package var configurationHost: any ConfigurationHost { configuration }
    package var logHost: any LogHost { log }
    package var errorHost: any ErrorHost { errorReporters }
    package var uptimeMilliseconds: Int { WallTime.now.milliseconds - bootTime.milliseconds }

    /// The SDK's view of this process.
    package var facade: Application { Application(host: self) }

    /// Called once, when the actions are loaded.
    func install(_ actions: any InlineActions) { self.actions.withLock { $0 = actions } }

    package func run(_ name: String, version: String?, params: JSON.Object) async throws -> JSON {
        try await runner().runInline(name, version: version, params: params)
    }

    package func answer(_ name: String, version: String?, params: JSON.Object) async -> JSON {
        do {
            return try await runner().answerInline(
                name, version: version, params: params, connectionType: "in-line-action")
        } catch {
            return ["error": .string("\(error)")]
        }
    }

    func runner() throws -> any InlineActions {
        guard let actions = actions.withLock({ $0 }) else {
            throw ActionError("actions cannot run yet: wait for start(_:), initialize(_:) is too early")
        }
        return actions
    }
}

/// Before there is anybody who takes jobs.
private final class NoJobs: TaskHost {}
