// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// Connections to one server of which each has one user at a time, for commands that may wait in the server; they are
/// kept for the next user.
///
/// Unchecked: all that changes is used on its event loop only.
final class ConnectionPool: @unchecked Sendable {
    private let settings: RedisConnectionSettings
    private let locator: any RedisLocator
    private let loop: any EventLoop
    private let limit: Int
    private var idle: [(connection: RedisConnection, since: Int)] = []
    private var all: [ObjectIdentifier: RedisConnection] = [:]
    /// Connections that have a user, or are being made for one.
    private var used = 0
    private var isClosed = false
    /// Users for whom there is no connection.
    private let vacancies: DeadlineQueue<Void>

    static let mostIdle = 16
    /// Nanoseconds after which a silent connection is not trusted any more: what is between may have forgotten it.
    private static let idleLimit = 30_000_000_000

    init(_ settings: RedisConnectionSettings, _ locator: any RedisLocator, on loop: any EventLoop) {
        var own = settings
        // A server that keeps a command waiting does not answer a ping either; TCP notices when it is gone.
        own.pingInterval = 0
        own.commandTimeout = 1 << 40
        own.checksRole = settings.checksRole || locator.checksRole
        self.settings = own
        self.locator = locator
        self.loop = loop
        limit = max(1, settings.blockingLimit)
        vacancies = DeadlineQueue(on: loop)
    }

    static let closedError = RedisError(.notSent, "this process has closed its connections to Redis")

    /// Lends a connection; the task's cancellation closes it, since nothing else ends a command that waits in the server.
    ///
    /// - Parameters:
    ///   - deadline: Nanoseconds of the loop's clock until which the caller waits for a connection.
    ///   - body: Uses it. Afterwards it is kept, if the server has answered.
    /// - Returns: What the body returns.
    /// - Throws: ``RedisError``: of kind `notSent`, or the handshake's refusal, when there is no connection; what the body
    ///   throws.
    func with<Value: Sendable>(
        until deadline: Int, _ body: @Sendable (RedisConnection) async throws(RedisError) -> Value
    ) async throws(RedisError) -> Value {
        let connection = try await take(until: deadline)
        let result: Result<Value, RedisError> = await withTaskCancellationHandler {
            do throws(RedisError) { return .success(try await body(connection)) } catch { return .failure(error) }
        } onCancel: {
            connection.close()
        }
        await onLoop { $0.giveBack(connection, isGood: result.isAnswer) }
        return try result.get()
    }

    private enum Seat: Sendable {
        case ready(RedisConnection)
        case new, none, closed
    }

    private func take(until deadline: Int) async throws(RedisError) -> RedisConnection {
        let late = RedisError(.notSent, "\(limit) commands that wait in the server wait already, more must not")
        while true {
            switch await onLoop({ $0.seat() }) {
            case .ready(let connection): return connection
            case .new: return try await make(until: deadline)
            case .closed: throw Self.closedError
            case .none:
                try await vacancies.wait(until: deadline, late: late) {
                    // One may have come back between the look and the wait.
                    loop.execute { [self] in if used < limit || isClosed { vacancies.resumeFirst(.success(())) } }
                }.get()
            }
        }
    }

    private func seat() -> Seat {
        guard !isClosed else { return .closed }
        guard used < limit else { return .none }
        used += 1
        while let (connection, since) = idle.popLast() {
            if connection.isReady, loop.nanoseconds - since < Self.idleLimit { return .ready(connection) }
            connection.close()
        }
        return .new
    }

    private func make(until deadline: Int) async throws(RedisError) -> RedisConnection {
        do throws(RedisError) {
            var settings = settings
            settings.endpoint = try await locator.locate()
            let left = (deadline - loop.nanoseconds) / 1_000_000
            settings.connectTimeout = max(1, min(settings.connectTimeout, left))
            let connection = try await RedisConnection.connect(settings, on: loop)
            await onLoop { $0.keep(connection) }
            return connection
        } catch {
            await onLoop { $0.vacate() }
            throw error.kind == .refused || error.kind == .cancelled ? error : RedisError(.notSent, error.message)
        }
    }

    private func keep(_ connection: RedisConnection) {
        let identifier = ObjectIdentifier(connection)
        all[identifier] = connection
        connection.closed.whenComplete { [weak self] _ in
            self?.all[identifier] = nil
            self?.idle.removeAll { $0.connection === connection }
        }
        if isClosed { connection.close() }
    }

    private func giveBack(_ connection: RedisConnection, isGood: Bool) {
        if isGood, !isClosed, idle.count < Self.mostIdle, connection.isReady {
            idle.append((connection, loop.nanoseconds))
        } else {
            connection.close()
        }
        vacate()
    }

    private func vacate() {
        used -= 1
        vacancies.resumeFirst(.success(()))
    }

    private func onLoop<T: Sendable>(_ body: @escaping @Sendable (ConnectionPool) -> T) async -> T {
        await withUnsafeContinuation { continuation in
            loop.execute { continuation.resume(returning: body(self)) }
        }
    }

    var hasEnded: Bool { get async { await onLoop { $0.isClosed } } }

    /// On the event loop: a server that hangs, and was replaced, would keep its commands waiting for ever.
    func relocate(to endpoint: RedisEndpoint, because error: RedisError) {
        for connection in Array(all.values) where connection.endpoint != endpoint { connection.fail(error) }
    }

    /// On the event loop: ends all; commands that wait in the server fail.
    @discardableResult
    func close() -> EventLoopFuture<Void> {
        isClosed = true
        let connections = Array(all.values)
        for connection in connections { connection.close() }
        vacancies.resume(.failure(Self.closedError))
        return EventLoopFuture.andAllComplete(connections.map(\.closed), on: loop)
    }
}

extension Result where Failure == RedisError {
    /// Whether the connection can be used again.
    fileprivate var isAnswer: Bool {
        switch self {
        case .success: true
        case .failure(let error): error.kind == .refused && !error.meansFailover
        }
    }
}
