// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// A client of one server, wherever that is at the moment: it stays usable while the server does not.
///
/// Commands that come while there is no connection wait for one until their deadline. After a loss those that were not
/// sent, and those that may run twice, are sent again in their order; the others fail, since nobody knows whether they
/// were run.
///
/// Unchecked: all that changes is used on its event loop only, except for the inbox, which has a lock.
package final class StandaloneClient: RedisClient, @unchecked Sendable {
    package let loop: any EventLoop
    private let settings: RedisConnectionSettings
    private let link: RedisLink
    private let subscriptions: SubscriptionHub
    private let blocking: BlockingConnections
    private var offline: OfflineQueue
    private var wakeUp: (time: Int, task: Scheduled<Void>)?
    private var isClosed = false
    private let inbox = BatchInbox()

    /// Makes a client; it connects when it is first used, or with ``connect()``.
    ///
    /// - Parameters:
    ///   - settings: As whom to connect, and limits. Its endpoint is used unless there is a locator.
    ///   - locator: Knows where the server is.
    ///   - role: What this client is called in reports.
    ///   - loop: Carries all connections. Callers that run on it do not change threads.
    ///   - observer: Gets to know what happens.
    package init(
        _ settings: RedisConnectionSettings, locator: (any RedisLocator)? = nil, role: RedisRole = .client,
        on loop: any EventLoop, observer: @escaping RedisObserver = { _, _ in }
    ) {
        self.settings = settings
        self.loop = loop
        let locator = locator ?? FixedLocator(settings.endpoint)
        link = RedisLink(settings, locator, on: loop) { observer(role, $0) }
        subscriptions = SubscriptionHub(settings, locator, on: loop) { observer(.subscriber, $0) }
        blocking = BlockingConnections(settings, locator, on: loop)
        offline = OfflineQueue(limits: settings.machineLimits(RedisWaiter.self))
        link.events.ready = { [weak self] in self?.sendWaiting($0) }
        link.events.intercepts = { [weak self] in self?.intercept($0, $1) ?? false }
        link.events.lost = { [weak self] in self?.takeBack($0) ?? $0 }
    }

    /// Begins to connect without waiting for a command.
    package func connect() { onLoop { $0.link.start() } }

    /// The server was replaced by another: connections to the old one are given up, and it is looked up again.
    package func relocate(because reason: String) {
        onLoop { client in
            client.link.abandon(because: RedisError(.connectionLost, reason))
            client.subscriptions.abandon(because: RedisError(.connectionLost, reason))
        }
    }

    /// The server is known to be at another place now: connections to any other are given up, and whoever waits for the
    /// next attempt does not wait any longer.
    package func relocate(to endpoint: RedisEndpoint, because reason: String) {
        let error = RedisError(.connectionLost, reason)
        onLoop { client in
            client.link.relocate(to: endpoint, because: error)
            client.subscriptions.relocate(to: endpoint, because: error)
            client.blocking.relocate(to: endpoint, because: error)
        }
    }

    private func onLoop(_ body: @escaping @Sendable (StandaloneClient) -> Void) {
        if loop.inEventLoop { return body(self) }
        loop.execute { body(self) }
    }

    // MARK: Commands

    package func send(_ commands: [RedisCommand]) async -> [Result<RESPValue, RedisError>] {
        guard !commands.isEmpty else { return [] }
        if let refusals = Self.refusals(commands) { return refusals }
        return await RedisBatch.results(commands, on: loop) { submit($0) }
    }

    /// One command that cannot be sent keeps the others from being sent too: whoever wrote it has to know.
    private static func refusals(_ commands: [RedisCommand]) -> [Result<RESPValue, RedisError>]? {
        guard let first = commands.lazy.compactMap(\.refusal).first else { return nil }
        let other = RedisError(.invalid, "not sent, because of another command of the same call: \(first.message)")
        return commands.map { .failure($0.refusal ?? other) }
    }

    package func transaction(_ commands: [RedisCommand]) async throws(RedisError) -> [RESPValue] {
        guard !commands.isEmpty else { return [] }
        if let refusal = commands.lazy.compactMap(\.refusal).first { throw refusal }
        let results = await RedisBatch.results(commands, isTransaction: true, on: loop) { submit($0) }
        return try results.first?.get().elements ?? []
    }

    private func submit(_ batch: RedisBatch) {
        if loop.inEventLoop { return take(batch) }
        if inbox.put(batch) { loop.execute { self.takeInbox() } }
    }

    private func takeInbox() {
        for batch in inbox.takeAll() { take(batch) }
    }

    private func take(_ batch: RedisBatch) {
        guard !batch.isSettled else { return }
        guard !isClosed else { return batch.settleAll(Self.isClosedError) }
        batch.begin(now: loop.nanoseconds, timeout: settings.commandTimeout)
        if let connection = link.connection { return connection.send(batch) }
        if let refusal = offline.append(batch) { return batch.settleAll(refusal) }
        link.start()
        plan()
    }

    private static let isClosedError = RedisError(.notSent, "this process has closed its connections to Redis")

    // MARK: Losing and finding the server

    /// What has waited goes first; nothing else was sent on this connection.
    private func sendWaiting(_ connection: RedisConnection) {
        while let slot = offline.popFirst() {
            // Its caller has been cancelled.
            if slot.batch.isSettled { continue }
            if let refusal = connection.send(slot) { slot.settle(.failure(refusal)) }
        }
    }

    /// The server will not do it, because it is not, or not yet, the one to ask; the command was not run.
    private func intercept(_ slot: RedisSlot, _ error: RedisError) -> Bool {
        guard error.meansFailover, !isClosed else { return false }
        slot.batch.note(error, slot.index)
        offline.putBack(slot)
        link.leave(because: error)
        plan()
        return true
    }

    private func takeBack(_ unanswered: [RedisUnanswered]) -> [RedisUnanswered] {
        var rest: [RedisUnanswered] = []
        for entry in unanswered {
            if case .slot(let slot) = entry.waiter, !entry.wasSent || slot.isRepeatable {
                offline.putBack(slot)
            } else {
                rest.append(entry)
            }
        }
        plan()
        return rest
    }

    // MARK: Deadlines of those that wait

    private func plan() {
        let time = offline.earliest
        guard time != .max else { return }
        if let wakeUp {
            guard time < wakeUp.time else { return }
            wakeUp.task.cancel()
        }
        let deadline = NIODeadline.uptimeNanoseconds(UInt64(max(0, time)))
        let task = loop.assumeIsolatedUnsafeUnchecked().scheduleTask(deadline: deadline) { [weak self] in
            guard let self else { return }
            wakeUp = nil
            for slot in offline.expire(now: loop.nanoseconds) { slot.settle(.failure(timeout(slot))) }
            plan()
        }
        wakeUp = (time, task)
    }

    private func timeout(_ slot: RedisSlot) -> RedisError {
        let milliseconds = (slot.deadline - slot.batch.start) / 1_000_000
        if let error = slot.batch.lastError(slot.index) { return error.afterRetries(milliseconds: milliseconds) }
        let reason = link.reason.map { ": \($0)" } ?? ""
        return RedisError(.notSent, "\(slot.name) was not sent, no connection within \(milliseconds) ms\(reason)")
    }

    // MARK: Others

    package func transaction(
        _ commands: [RedisCommand], replicas: Int, milliseconds: Int
    ) async throws(RedisError) -> ReplicatedReplies {
        if let refusal = commands.lazy.compactMap(\.refusal).first { throw refusal }
        return try await blocking.transaction(
            ReplicatedTransaction(commands: commands, replicas: replicas, milliseconds: milliseconds))
    }

    package func sendBlocking(_ command: RedisCommand) async throws(RedisError) -> RESPValue {
        try await blocking.send(command)
    }

    package func subscribe(
        channels: [String], patterns: [String]
    ) async throws(RedisError) -> RedisSubscription {
        try await subscriptions.subscribe(channels: channels, patterns: patterns)
    }

    package func close() async {
        let isDone = loop.makePromise(of: Void.self)
        onLoop { $0.close(isDone) }
        try? await isDone.futureResult.get()
    }

    private func close(_ isDone: EventLoopPromise<Void>) {
        isClosed = true
        wakeUp?.task.cancel()
        while let slot = offline.popFirst() {
            slot.settle(.failure(slot.batch.lastError(slot.index) ?? Self.isClosedError))
        }
        EventLoopFuture.andAllComplete([link.close(), subscriptions.close(), blocking.close()], on: loop)
            .cascade(to: isDone)
    }
}
