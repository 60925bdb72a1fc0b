// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroSystem
internal import NIOCore

/// One connection that is made again whenever it is lost, until it is closed.
///
/// Unchecked: used on its event loop only.
final class RedisLink: @unchecked Sendable {
    /// What whoever owns the link wants to hear of.
    struct Events {
        var ready: (RedisConnection) -> Void = { _ in }
        var message: (_ channel: String, _ pattern: String?, _ payload: [UInt8]) -> Void = { _, _, _ in }
        var intercepts: (RedisSlot, RedisError) -> Bool = { _, _ in false }
        /// Takes those that can be sent again, and returns the others.
        var lost: ([RedisUnanswered]) -> [RedisUnanswered] = { $0 }
    }

    private enum State {
        case idle
        case locating
        case connecting(RedisConnection)
        case ready(RedisConnection, since: Int)
        /// Answers what it was asked, and is asked nothing more.
        case leaving(RedisConnection)
        case waiting(Scheduled<Void>)
        case closed
    }

    private let settings: RedisConnectionSettings
    private let locator: any RedisLocator
    private let loop: any EventLoop
    private let report: (RedisClientEvent) -> Void
    var events = Events()
    private var state = State.idle
    private var attempt = 0
    private var hasWarned = false
    /// The server has moved while it was being looked up.
    private var isOutdated = false
    /// Why there is no connection.
    private(set) var lastError: RedisError?

    /// A connection that lives shorter than this counts as one more that failed.
    private static let provenNanoseconds = 1_000_000_000

    init(
        _ settings: RedisConnectionSettings, _ locator: any RedisLocator, on loop: any EventLoop,
        report: @escaping (RedisClientEvent) -> Void
    ) {
        self.settings = settings
        self.locator = locator
        self.loop = loop
        self.report = report
    }

    /// A client that nobody has closed must not keep its connection, or a process that waits for its end, for ever.
    deinit {
        switch state {
        case .connecting(let connection), .ready(let connection, _), .leaving(let connection): connection.close()
        case .waiting(let task): task.cancel()
        case .idle, .locating, .closed: break
        }
    }

    /// The connection, when commands may be sent.
    var connection: RedisConnection? {
        if case .ready(let connection, _) = state { return connection }
        return nil
    }

    /// Why there is no connection, or what it waits for.
    var reason: String? {
        if let lastError { return lastError.message }
        switch state {
        case .connecting(let connection) where connection.phase == .handshake:
            return "Redis at \(connection.endpoint) has not answered the handshake yet"
        case .connecting(let connection):
            return "Redis at \(connection.endpoint) has not accepted a connection yet"
                + (settings.tls == nil ? "" : ", or does not speak TLS")
        case .locating: return "the server is still being looked for"
        case .idle, .ready, .leaving, .waiting, .closed: return nil
        }
    }

    /// Begins, unless it has.
    func start() {
        if case .idle = state { locate() }
    }

    private func locate() {
        state = .locating
        isOutdated = false
        let (locator, loop) = (locator, loop)
        // Nobody awaits it: it ends with the locator's answer, and a link that was closed meanwhile ignores that.
        Task { [weak self] in
            let result: Result<RedisEndpoint, RedisError>
            do throws(RedisError) { result = .success(try await locator.locate()) } catch { result = .failure(error) }
            loop.execute { [weak self] in self?.located(result) }
        }
    }

    private func located(_ result: Result<RedisEndpoint, RedisError>) {
        guard case .locating = state else { return }
        if isOutdated { return locate() }
        switch result {
        case .success(let endpoint): connect(to: endpoint)
        case .failure(let error): retry(error)
        }
    }

    private func connect(to endpoint: RedisEndpoint) {
        var settings = settings
        settings.endpoint = endpoint
        settings.checksRole = settings.checksRole || locator.checksRole
        report(.connecting(endpoint, attempt: attempt))
        if settings.tls?.verifies == false, !hasWarned {
            hasWarned = true
            report(.unverified(endpoint))
        }
        var events = RedisConnectionEvents()
        events.ready = { [weak self] in self?.isReady($0) }
        events.message = self.events.message
        events.intercepts = self.events.intercepts
        events.closed = { [weak self] _, error, unanswered in self?.isClosed(error, unanswered) ?? unanswered }
        let connection = RedisConnection(settings, on: loop, events: events)
        state = .connecting(connection)
        // It may fail at once, and say so before this returns.
        connection.begin()
    }

    private func isReady(_ connection: RedisConnection) {
        guard case .connecting = state else { return connection.close() }
        state = .ready(connection, since: loop.nanoseconds)
        report(.ready(connection.endpoint))
        events.ready(connection)
    }

    private func isClosed(_ error: RedisError, _ unanswered: [RedisUnanswered]) -> [RedisUnanswered] {
        var error = error
        switch state {
        case .ready(_, let since): if loop.nanoseconds - since >= Self.provenNanoseconds { attempt = 0 }
        case .leaving: error = lastError ?? error
        case .idle, .locating, .connecting, .waiting: break
        case .closed: return unanswered
        }
        let rest = events.lost(unanswered)
        retry(error)
        return rest
    }

    private func retry(_ error: RedisError) {
        lastError = error
        var generator = BlockRandom()
        let delay = RedisBackoff.milliseconds(attempt: attempt, using: &generator)
        report(.failed(error, attempt: attempt, retryMilliseconds: delay))
        attempt += 1
        state = .waiting(
            loop.assumeIsolatedUnsafeUnchecked().scheduleTask(in: .milliseconds(Int64(delay))) { [weak self] in
                guard let self, case .waiting = state else { return }
                locate()
            })
    }

    // MARK: Leaving

    /// The server is not the one to be used any more: it is looked up again when what was sent has been answered.
    func leave(because error: RedisError) {
        guard case .ready(let connection, let since) = state else { return }
        if loop.nanoseconds - since >= Self.provenNanoseconds { attempt = 0 }
        lastError = error
        state = .leaving(connection)
        // It may be over at once, while its replies are being handled.
        loop.execute { connection.drain() }
    }

    /// The server is known to be gone: nothing more is expected of it.
    func abandon(because error: RedisError) {
        switch state {
        case .connecting(let connection), .ready(let connection, _), .leaving(let connection):
            connection.fail(error)
        case .idle, .locating, .waiting, .closed: break
        }
    }

    /// The server is known to be at another place now.
    func relocate(to endpoint: RedisEndpoint, because error: RedisError) {
        switch state {
        case .connecting(let connection), .ready(let connection, _), .leaving(let connection):
            guard connection.endpoint != endpoint else { return }
            connection.fail(error)
        case .locating: isOutdated = true
        case .waiting, .idle, .closed: break
        }
        guard case .waiting(let task) = state else { return }
        // There is nothing to wait for.
        task.cancel()
        attempt = 0
        locate()
    }

    /// Ends it.
    ///
    /// - Returns: Completes when the connection is gone; what was sent has been answered or has failed by then.
    func close() -> EventLoopFuture<Void> {
        let last = state
        state = .closed
        report(.closed)
        switch last {
        case .ready(let connection, _), .leaving(let connection), .connecting(let connection):
            connection.drain()
            return connection.closed
        case .waiting(let task): task.cancel()
        case .idle, .locating, .closed: break
        }
        return loop.makeSucceededVoidFuture()
    }
}
