// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroConfiguration
internal import HeroLog
internal import HeroRuntime
internal import Synchronization

/// A process's part in what processes share, and in the messages that they send each other.
///
/// Without Redis there are none; with a Redis that is away the process starts nevertheless, and goes on trying.
final class Membership: ProcessSharing {
    let services: SharedServices
    let middleware: [any ActionMiddleware]
    private let log: LogRouter
    /// The first attempt, then those that follow it.
    private let attempts = Mutex<(first: Task<Void, Never>?, further: Task<Void, Never>?)>((nil, nil))

    /// How long a process waits for Redis before it goes on without, however patient commands are: the limit of all
    /// commands may be minutes.
    private static let limit = Duration.seconds(6)

    /// - Parameters:
    ///   - site: The process.
    ///   - clients: Connections to Redis; `nil` to share within the process.
    init(_ site: SharingSite, _ clients: RedisClients?) {
        let core = site.core
        log = site.log
        services = SharedServices(
            SharedSettings(id: site.id, projectRoot: site.projectRoot, core), clients: clients, log: site.log,
            site.connections)
        middleware = [
            RateLimit(core.general.rateLimit, text: core.errors.rateLimited, log: site.log, clients: clients)
        ]
    }

    var cacheHost: any CacheHost { services.cacheHost }
    var lockHost: any LockHost { services.lockHost }
    var connectionsHost: any ConnectionsHost { services.connections }
    var rpcHost: any RPCHost { services.rpcHost }
    var redisHost: any RedisHost { services.redisHost }

    /// Begins to take messages of other processes.
    func begin() {
        guard services.clients != nil else { return }
        // Awaited by `hasBegun()` or `end()`.
        let task = Task { await tryFirst() }
        attempts.withLock { $0.first = task }
    }

    /// Returns when messages come, or the process goes on without them.
    func hasBegun() async { await attempts.withLock { $0.first }?.value }

    func end() async {
        guard services.clients != nil else { return }
        attempts.withLock { $0.first }?.cancel()
        await attempts.withLock { $0.first }?.value
        let further = attempts.withLock { $0.further }
        further?.cancel()
        await further?.value
        await services.stop()
    }

    private func tryFirst() async {
        let (services, log) = (services, log)
        do {
            try await Self.within(Self.limit) { try await services.start() }
        } catch {
            guard !Task.isCancelled else { return }
            let isLate = error is CancellationError
            log.write(
                level: .alert,
                message: isLate
                    ? "no connection to Redis yet, the process goes on without messages of others" : "\(error)",
                data: [])
            // Awaited by `end()`.
            let task = Task { await Self.goOn(services, log) }
            attempts.withLock { $0.further = task }
        }
    }

    private static func goOn(_ services: SharedServices, _ log: LogRouter) async {
        while !Task.isCancelled {
            do {
                return try await services.start()
            } catch {
                guard !Task.isCancelled else { return }
                log.write(level: .info, message: "\(error)", data: [])
                try? await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    /// - Throws: What the body throws; `CancellationError` when it was cancelled because it took too long.
    private static func within(
        _ limit: Duration, _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask(operation: body)
            group.addTask {
                try await Task.sleep(for: limit)
                throw CancellationError()
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}
