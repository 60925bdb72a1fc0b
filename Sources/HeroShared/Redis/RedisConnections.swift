// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroConfiguration
internal import HeroLog
package import HeroRedis
package import HeroRuntime
package import NIOCore
internal import Synchronization

/// The clients of a process, made as the configuration says.
package final class RedisConnections: Sendable {
    package let clients: RedisClients
    private let begin: @Sendable () -> Void

    /// - Parameters:
    ///   - plan: Which servers.
    ///   - application: Its log gets to know what happens, and its readiness depends on it.
    ///   - socket: Of the embedded server, when another process has told where it is.
    ///   - onDemand: Runs the embedded server if nobody else does.
    ///   - loop: Carries all connections.
    package init(
        _ plan: RedisPlan, _ application: HeroApplication, socket: String?, onDemand: EmbeddedOnDemand? = nil,
        on loop: any EventLoop
    ) {
        let observer = RedisReports(application)
        let maker = Maker(
            plan: plan, id: application.id, socket: socket ?? plan.embedded?.socket ?? "", onDemand: onDemand,
            loop: loop, reports: observer)
        let client = maker.make(plan.client, .client)
        let subscriber = plan.subscriber == plan.client ? client : maker.make(plan.subscriber, .subscriber)
        let tasks = maker.make(plan.tasks, .tasks)
        clients = RedisClients(client: client.client, subscriber: subscriber.client, tasks: tasks.client)
        begin = client.connect
    }

    /// Begins to connect without waiting for a command.
    package func connect() { begin() }

    /// Ends all connections.
    package func close() async {
        await clients.client.close()
        if clients.subscriber !== clients.client { await clients.subscriber.close() }
        await clients.tasks.close()
    }

    private struct Maker {
        let plan: RedisPlan
        let id: String
        let socket: String
        let onDemand: EmbeddedOnDemand?
        let loop: any EventLoop
        let reports: RedisReports

        typealias Made = (client: any RedisClient, connect: @Sendable () -> Void)

        func make(_ place: RedisPlace, _ role: RedisRole) -> Made {
            let settings = plan.settings(place, role: role, id: id)
            let reports = reports
            let observer: RedisObserver = { reports.take($0, $1) }
            switch place.kind {
            case .embedded:
                let client = StandaloneClient(
                    settings, locator: EmbeddedLocator(socket, startingOnDemand: onDemand), role: role, on: loop,
                    observer: observer)
                return (client, { client.connect() })
            case .standalone:
                let client = StandaloneClient(settings, role: role, on: loop, observer: observer)
                return (client, { client.connect() })
            case .sentinel(let name, let nodes, let user, let password, let usesTLS):
                var sentinels = plan.sentinelSettings(name, nodes, user: user, password: password, usesTLS: usesTLS)
                sentinels.log = { reports.write($0, $1) }
                let client = SentinelClient(sentinels, server: settings, role: role, on: loop, observer: observer)
                return (client, { client.connect() })
            case .cluster(let nodes):
                var cluster = RedisClusterSettings(seeds: nodes, connection: settings)
                cluster.readsReplicas = plan.readsReplicas
                cluster.log = { reports.write($0, $1) }
                cluster.observer = observer
                return (RedisClusterClient(cluster, on: loop), {})
            }
        }
    }
}
