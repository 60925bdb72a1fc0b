// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroLog
internal import Synchronization

/// A process's part in the messages that processes send each other.
///
/// Without Redis there are none; with a Redis that is away the process starts nevertheless, and goes on trying.
final class Membership: Sendable {
    private let application: HeroApplication
    /// The first attempt, then those that follow it.
    private let attempts = Mutex<(first: Task<Void, Never>?, further: Task<Void, Never>?)>((nil, nil))

    /// How long a process waits for Redis before it goes on without, however patient commands are: the limit of all
    /// commands may be minutes.
    private static let limit = Duration.seconds(6)

    init(_ application: HeroApplication) { self.application = application }

    /// Begins to take messages of other processes.
    func begin() {
        guard application.shared.clients != nil else { return }
        // Awaited by `hasBegun()` or `end()`.
        let task = Task { await tryFirst() }
        attempts.withLock { $0.first = task }
    }

    /// Returns when messages come, or the process goes on without them.
    func hasBegun() async { await attempts.withLock { $0.first }?.value }

    func end() async {
        guard application.shared.clients != nil else { return }
        attempts.withLock { $0.first }?.cancel()
        await attempts.withLock { $0.first }?.value
        let further = attempts.withLock { $0.further }
        further?.cancel()
        await further?.value
        await application.shared.stop()
    }

    private func tryFirst() async {
        let (shared, log) = (application.shared, application.log)
        do {
            try await Self.within(Self.limit) { try await shared.start() }
        } catch {
            guard !Task.isCancelled else { return }
            let isLate = error is CancellationError
            log.write(
                level: .alert,
                message: isLate
                    ? "no connection to Redis yet, the process goes on without messages of others" : "\(error)",
                data: [])
            // Awaited by `end()`.
            let task = Task { await Self.goOn(shared, log) }
            attempts.withLock { $0.further = task }
        }
    }

    private static func goOn(_ shared: SharedServices, _ log: LogRouter) async {
        while !Task.isCancelled {
            do {
                return try await shared.start()
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
