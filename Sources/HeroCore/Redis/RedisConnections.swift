// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroConfiguration
internal import HeroLog
package import HeroRedis
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

/// Writes what happens to connections into the log, and says whether the process can work.
final class RedisReports: Sendable {
    private let log: LogRouter
    private let readiness: Readiness
    /// Whether a lost connection means that no requests should come.
    private let isRequired: Bool
    private let connected = Mutex<Set<RedisRole>>([])

    init(_ application: HeroApplication) {
        log = application.log
        readiness = application.readiness
        isRequired = application.configuration.value(at: "web.health.redis")?.boolValue ?? true
    }

    func write(_ level: LogLevel, _ message: String) { log.write(level: level, message: message, data: []) }

    func take(_ role: RedisRole, _ event: RedisClientEvent) {
        let name = "Redis connection `\(role.rawValue)`"
        switch event {
        case .connecting(let endpoint, let attempt):
            if attempt == 0 { awaitFirst(role) }
            log.write(
                level: attempt == 0 ? .debug : .info,
                message: "\(name) \(attempt == 0 ? "connecting" : "reconnecting")",
                data: [("server", .string("\(endpoint)"))])
        case .ready(let endpoint):
            connected.withLock { _ = $0.insert(role) }
            let data: [(name: String, value: JSON)] = [("server", .string("\(endpoint)"))]
            log.write(level: .debug, message: "\(name) connected", data: data)
            log.write(level: .debug, message: "\(name) ready", data: data)
            readiness.report("redis \(role.rawValue)", nil)
        case .failed(let error, let attempt, let retry): failed(role, error, attempt, retry)
        case .unverified(let endpoint):
            log.write(
                level: .warning, message: "the certificate of Redis is not checked (redis.tls.verify)",
                data: [("server", .string("\(endpoint)"))])
        case .closed: log.write(level: .debug, message: "\(name) closed", data: [])
        }
    }

    /// A server that accepts connections and says nothing has not failed yet, and is of no use either.
    private func awaitFirst(_ role: RedisRole) {
        // Jobs connect when they are first used, which is no reason to take no requests meanwhile.
        guard isRequired, role != .tasks, !connected.withLock({ $0.contains(role) }) else { return }
        readiness.report("redis \(role.rawValue)", "no connection to Redis yet")
    }

    private func failed(_ role: RedisRole, _ error: RedisError, _ attempt: Int, _ retry: Int) {
        let wasConnected = connected.withLock { $0.remove(role) != nil }
        let data: [(name: String, value: JSON)] = [
            ("role", .string(role.rawValue)), ("error", .string(error.message)), ("retryMilliseconds", .integer(retry)),
        ]
        if wasConnected {
            log.write(level: .alert, message: "lost the connection to Redis", data: data)
        } else if error.code == "LOADING" {
            // Usual after each start of a server that has data; nothing is wrong with the configuration.
            log.write(level: .info, message: "Redis is still loading its data", data: data)
        } else if attempt == 0 {
            log.write(
                level: .alert, message: "Unable to connect to Redis - please check your Redis config!",
                data: data + [("help", "hero redis doctor")])
        } else {
            log.write(level: .info, message: "no connection to Redis yet", data: data)
        }
        if isRequired { readiness.report("redis \(role.rawValue)", "no connection to Redis: \(error.message)") }
    }
}
