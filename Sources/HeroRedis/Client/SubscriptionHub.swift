// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// All subscriptions of a client on one connection, which is made again with all of them when it is lost.
///
/// Unchecked: all that changes is used on its event loop only.
final class SubscriptionHub: @unchecked Sendable {
    private struct Subscriber {
        let buffer: SubscriberBuffer
        /// Whether messages may be missing since the last connection.
        var missesMessages = false
        /// The caller that waits for the first acknowledgement, and the end of its patience.
        var waiting: (completion: (Result<Void, RedisError>) -> Void, limit: Scheduled<Void>)?
    }

    private let loop: any EventLoop
    private let link: RedisLink
    private let timeout: Int
    private var table = SubscriptionTable()
    private var subscribers: [Int: Subscriber] = [:]
    private var isClosed = false

    /// More than a process may call and be called at the same time (`general.rpcMaximumCalls`), with all their answers.
    private static let eventsLimit = 65_536
    private static let bytesLimit = 16 << 20

    init(
        _ settings: RedisConnectionSettings, _ locator: any RedisLocator, on loop: any EventLoop,
        report: @escaping (RedisClientEvent) -> Void
    ) {
        self.loop = loop
        timeout = settings.commandTimeout
        link = RedisLink(settings, locator, on: loop, report: report)
        link.events.ready = { [weak self] in self?.restore($0) }
        link.events.message = { [weak self] in self?.deliver($0, $1, $2) }
        link.events.lost = { [weak self] unanswered in
            self?.isLost()
            return unanswered
        }
    }

    // MARK: Subscribing

    func subscribe(channels: [String], patterns: [String]) async throws(RedisError) -> RedisSubscription {
        let names =
            channels.map { SubscriptionTable.Name(text: $0, isPattern: false) }
            + patterns.map { SubscriptionTable.Name(text: $0, isPattern: true) }
        guard !names.isEmpty else { throw RedisError(.invalid, "a subscription without channels and patterns") }
        let buffer = SubscriberBuffer(limit: Self.eventsLimit, bytesLimit: Self.bytesLimit)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation {
                (continuation: CheckedContinuation<Result<SubscriptionLease, RedisError>, Never>) in
                loop.execute { self.add(names, buffer) { continuation.resume(returning: $0) } }
                // Then the handler has been called before there was anything to end.
                if Task.isCancelled { cancel(buffer) }
            }
        } onCancel: {
            cancel(buffer)
        }
        let lease = try result.get()
        return RedisSubscription(
            AsyncStream {
                await lease.buffer.next()
            } onCancel: {
                lease.end()
            })
    }

    private func add(
        _ names: [SubscriptionTable.Name], _ buffer: SubscriberBuffer,
        completion: @escaping (Result<SubscriptionLease, RedisError>) -> Void
    ) {
        guard !isClosed else {
            return completion(.failure(RedisError(.notSent, "this process has closed its connections to Redis")))
        }
        let (number, change) = table.add(names)
        subscribers[number] = Subscriber(buffer: buffer)
        let lease = SubscriptionLease(buffer) { [weak self] in self?.release(number) }
        if let connection = link.connection {
            if table.isComplete(number) { return completion(.success(lease)) }
            tell(connection, change)
        } else {
            link.start()
        }
        let limit = loop.assumeIsolatedUnsafeUnchecked().scheduleTask(in: .milliseconds(Int64(timeout))) {
            [weak self] in
            guard let self else { return }
            let reason = link.reason.map { ": \($0)" } ?? ""
            refuse(number, RedisError(.notSent, "SUBSCRIBE was not done within \(timeout) ms\(reason)"))
        }
        subscribers[number]?.waiting = ({ completion($0.map { lease }) }, limit)
    }

    /// Ends a caller's wait for the first acknowledgement, from any thread.
    private func cancel(_ buffer: SubscriberBuffer) {
        loop.execute { [weak self] in
            guard let self, let number = subscribers.first(where: { $1.buffer === buffer })?.key else { return }
            refuse(number, .cancelled("SUBSCRIBE"))
        }
    }

    /// Drops the subscription of a reader that has gone, from any thread.
    private func release(_ number: Int) {
        loop.execute { [weak self] in self?.remove(number) }
    }

    private func remove(_ number: Int) {
        subscribers.removeValue(forKey: number)?.buffer.end()
        let change = table.remove(number)
        guard let connection = link.connection else { return }
        if !change.channels.isEmpty { connection.subscribe("unsubscribe", change.channels) { _ in } }
        if !change.patterns.isEmpty { connection.subscribe("punsubscribe", change.patterns) { _ in } }
    }

    private func refuse(_ number: Int, _ error: RedisError) {
        guard let waiting = subscribers[number]?.waiting else { return }
        subscribers[number]?.waiting = nil
        waiting.limit.cancel()
        remove(number)
        waiting.completion(.failure(error))
    }

    // MARK: The server

    private func tell(_ connection: RedisConnection, _ change: SubscriptionTable.Change) {
        for (kind, texts) in [("subscribe", change.channels), ("psubscribe", change.patterns)] where !texts.isEmpty {
            connection.subscribe(kind, texts) { [weak self, weak connection] result in
                guard let self, let connection, link.connection === connection else { return }
                acknowledged(texts, kind == "psubscribe", change.stamp, result)
            }
        }
    }

    private func acknowledged(
        _ texts: [String], _ arePatterns: Bool, _ stamp: Int, _ result: Result<RESPValue, RedisError>
    ) {
        switch result {
        case .success:
            table.acknowledge(texts, arePatterns: arePatterns, stamp: stamp)
            for number in subscribers.keys.sorted() where table.isComplete(number) { isComplete(number) }
        case .failure(let error) where error.kind == .refused:
            let concerned = table.subscribers(of: texts, arePatterns: arePatterns)
            for number in concerned.sorted() { refuse(number, error) }
            // What was allowed earlier is refused now: tried again on another connection, until it is allowed.
            if concerned.contains(where: { subscribers[$0] != nil }) { link.abandon(because: error) }
        case .failure(let error): link.abandon(because: error)
        }
    }

    private func isComplete(_ number: Int) {
        if let waiting = subscribers[number]?.waiting {
            subscribers[number]?.waiting = nil
            waiting.limit.cancel()
            waiting.completion(.success(()))
        }
        if subscribers[number]?.missesMessages == true {
            subscribers[number]?.missesMessages = false
            subscribers[number]?.buffer.push(.gap)
        }
    }

    private func restore(_ connection: RedisConnection) { tell(connection, table.all) }

    private func isLost() {
        table.forget()
        for (number, subscriber) in subscribers where subscriber.waiting == nil {
            subscribers[number]?.missesMessages = true
        }
    }

    private func deliver(_ channel: String, _ pattern: String?, _ payload: [UInt8]) {
        for number in table.receivers(channel: channel, pattern: pattern) {
            subscribers[number]?.buffer.push(.message(channel: channel, pattern: pattern, payload: payload))
        }
    }

    // MARK: Ending

    func abandon(because error: RedisError) { link.abandon(because: error) }

    func relocate(to endpoint: RedisEndpoint, because error: RedisError) {
        link.relocate(to: endpoint, because: error)
    }

    func close() -> EventLoopFuture<Void> {
        isClosed = true
        for number in subscribers.keys.sorted() {
            refuse(number, RedisError(.notSent, "this process has closed its connections to Redis"))
            subscribers[number]?.buffer.end()
        }
        return link.close()
    }
}

/// Held by whoever reads a subscription; when it is given up, so is the subscription.
private final class SubscriptionLease: Sendable {
    let buffer: SubscriberBuffer
    private let release: @Sendable () -> Void

    init(_ buffer: SubscriberBuffer, release: @escaping @Sendable () -> Void) {
        self.buffer = buffer
        self.release = release
    }

    func end() {
        buffer.end()
        release()
    }

    deinit { release() }
}
