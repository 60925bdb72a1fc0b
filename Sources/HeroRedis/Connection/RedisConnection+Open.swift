// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import HeroTLS
package import NIOCore
internal import NIOPosix
internal import Synchronization

extension RedisConnection {
    /// Connects and shakes hands.
    ///
    /// - Parameters:
    ///   - settings: Where to, and as whom.
    ///   - loop: Carries the connection.
    ///   - events: What the caller wants to hear of.
    /// - Returns: A connection that is ready.
    /// - Throws: ``RedisError``: `refused` in the server's words, otherwise `notSent` with the reason.
    package static func connect(
        _ settings: RedisConnectionSettings, on loop: any EventLoop,
        events: @escaping @Sendable () -> RedisConnectionEvents = { RedisConnectionEvents() }
    ) async throws(RedisError) -> RedisConnection {
        let attempt = Attempt()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation {
                (continuation: CheckedContinuation<Result<RedisConnection, RedisError>, Never>) in
                loop.execute {
                    var events = events()
                    var isWaiting = true
                    let (ready, closed) = (events.ready, events.closed)
                    events.ready = { connection in
                        isWaiting = false
                        attempt.end()
                        ready(connection)
                        continuation.resume(returning: .success(connection))
                    }
                    events.closed = { connection, error, unanswered in
                        if isWaiting {
                            isWaiting = false
                            continuation.resume(returning: .failure(error))
                        }
                        return closed(connection, error, unanswered)
                    }
                    attempt.begin(open(settings, on: loop, events: events))
                }
            }
        } onCancel: {
            attempt.cancel()
        }
        return try result.get()
    }

    /// A connection that is being made, for whose caller's task nobody may wait any more.
    private final class Attempt: Sendable {
        private enum State {
            case unknown
            case made(RedisConnection)
            case over
        }

        private let state = Mutex((State.unknown, isCancelled: false))

        /// On the event loop; the connection may be ready, or have failed.
        func begin(_ connection: RedisConnection) {
            let isCancelled = state.withLock { state in
                if case .unknown = state.0 { state.0 = .made(connection) }
                return state.isCancelled
            }
            if isCancelled { cancel() }
        }

        /// The connection belongs to the caller.
        func end() { state.withLock { $0.0 = .over } }

        func cancel() {
            let connection = state.withLock { state -> RedisConnection? in
                state.isCancelled = true
                guard case .made(let connection) = state.0 else { return nil }
                state.0 = .over
                return connection
            }
            connection?.onLoop { $0.fail(.cancelled("a connection to Redis")) }
        }
    }

    /// On the event loop: begins to connect; the events say how it went.
    @discardableResult
    package static func open(
        _ settings: RedisConnectionSettings, on loop: any EventLoop, events: RedisConnectionEvents
    ) -> RedisConnection {
        let connection = RedisConnection(settings, on: loop, events: events)
        connection.begin()
        return connection
    }

    /// On the event loop: connects; may fail before it returns.
    func begin() {
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(.milliseconds(Int64(max(1, settings.connectTimeout))))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try self.addHandlers(to: channel) }
            }
        let connected =
            switch settings.endpoint {
            case .tcp(let host, let port):
                bootstrap
                    .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                    .channelOption(.socketOption(.so_keepalive), value: 1)
                    .connect(host: host, port: port)
            case .unix(let path): bootstrap.connect(unixDomainSocketPath: path)
            }
        connected.whenFailure { self.fail(RedisError(.notSent, "cannot connect: \(Self.text($0))")) }
    }

    private func addHandlers(to channel: any Channel) throws {
        if let tls = settings.tls {
            try channel.pipeline.syncOperations.addHandler(
                TLSHandler(tls.context, serverName: tls.serverName ?? endpoint.host))
        }
        try channel.pipeline.syncOperations.addHandler(RedisChannelHandler(self))
    }

    /// What has gone wrong, with errno where there is one.
    static func text(_ error: any Error) -> String {
        switch error {
        case let error as IOError: "\(String(cString: strerror(error.errnoCode))) (errno \(error.errnoCode))"
        case let error as TLSError: "TLS: \(error.reason)"
        case let error as NIOConnectionError:
            error.connectionErrors.first.map { text($0.error) } ?? "\(error.host) has no address"
        case let error as ChannelError: text(error)
        default: "\(error)"
        }
    }

    private static func text(_ error: ChannelError) -> String {
        if case .connectTimeout(let time) = error { return "no answer within \(time.nanoseconds / 1_000_000) ms" }
        return "\(error)"
    }
}

// What tasks use.
extension RedisConnection {
    /// Sends commands in one write, whoever else sends at the same time.
    ///
    /// - Parameter commands: None that subscribes.
    /// - Returns: One result each, in order.
    package func send(_ commands: [RedisCommand]) async -> [Result<RESPValue, RedisError>] {
        guard !commands.isEmpty else { return [] }
        return await RedisBatch.results(commands, on: loop) { submit($0) }
    }

    package func send(_ command: RedisCommand) async throws(RedisError) -> RESPValue {
        guard let result = await send([command]).first else {
            throw RedisError(.invalid, "a connection returned no result for \(command.name)")
        }
        return try result.get()
    }

    /// Runs commands as one `MULTI` … `EXEC`.
    ///
    /// - Returns: The replies; an error in one command is a value among them.
    /// - Throws: ``RedisError`` when the transaction was not run, with the first error the server gave.
    package func transaction(_ commands: [RedisCommand]) async throws(RedisError) -> [RESPValue] {
        guard !commands.isEmpty else { return [] }
        let results = await RedisBatch.results(commands, isTransaction: true, on: loop) { submit($0) }
        return try results.first?.get().elements ?? []
    }

    /// Subscribes, or ends a subscription; messages come to ``RedisConnectionEvents/message``.
    ///
    /// - Parameters:
    ///   - kind: `subscribe`, `psubscribe`, `unsubscribe` or `punsubscribe`.
    ///   - names: Channels or patterns, at least one.
    /// - Throws: ``RedisError``.
    package func subscribe(_ kind: String, _ names: [String]) async throws(RedisError) {
        guard !names.isEmpty else { return }
        let result = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<RESPValue, RedisError>, Never>) in
            onLoop { $0.subscribe(kind, names) { continuation.resume(returning: $0) } }
        }
        _ = try result.get()
    }

    /// Ends it when all replies have come, or the limit for a command is over, and waits for that.
    package func drained() async {
        drain()
        try? await closed.get()
    }
}
