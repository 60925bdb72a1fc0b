// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// Connections of which each has one command at a time, which may wait in the server.
///
/// Unchecked: all that changes is used on its event loop only.
final class BlockingConnections: @unchecked Sendable {
    private var settings: RedisConnectionSettings
    private let locator: any RedisLocator
    private let loop: any EventLoop
    private let waitMilliseconds: Int
    private var idle: [RedisConnection] = []
    private var all: [ObjectIdentifier: RedisConnection] = [:]
    private var isClosed = false

    private static let mostIdle = 4

    init(_ settings: RedisConnectionSettings, _ locator: any RedisLocator, on loop: any EventLoop) {
        self.settings = settings
        self.locator = locator
        self.loop = loop
        waitMilliseconds = settings.commandTimeout
        // A server that keeps a command waiting does not answer a ping either; TCP notices when it is gone.
        self.settings.pingInterval = 0
        self.settings.commandTimeout = 1 << 40
        self.settings.checksRole = settings.checksRole || locator.checksRole
    }

    /// - Throws: ``RedisError``: `notSent` when there is no connection within the command's time, or the client's.
    func send(_ command: RedisCommand) async throws(RedisError) -> RESPValue {
        guard let name = command.arguments.first, !name.isEmpty else {
            throw RedisError(.invalid, "a command without a name cannot be sent to Redis")
        }
        let deadline = loop.now + .milliseconds(Int64(min(command.timeout ?? waitMilliseconds, 1 << 40)))
        var attempt = 0
        while true {
            let connection = try await connection(until: deadline)
            let result: Result<RESPValue, RedisError>
            do throws(RedisError) {
                result = .success(try await send(command, on: connection))
            } catch { result = .failure(error) }
            await giveBack(connection, isGood: result.isAnswer)
            guard case .failure(let error) = result, Self.mayRepeat(command, error), !Task.isCancelled,
                loop.now < deadline
            else { return try result.get() }
            try await pause(attempt, until: deadline, otherwise: error)
            attempt += 1
        }
    }

    private static func mayRepeat(_ command: RedisCommand, _ error: RedisError) -> Bool {
        switch error.kind {
        case .notSent: true
        case .connectionLost: command.isRepeatable
        case .refused: ["READONLY", "LOADING", "MASTERDOWN"].contains(error.code)
        case .invalid: false
        }
    }

    /// A caller that is cancelled takes the connection along: nothing else ends a command that waits in the server.
    private func send(_ command: RedisCommand, on connection: RedisConnection) async throws(RedisError) -> RESPValue {
        let results = await withTaskCancellationHandler {
            await connection.send([command])
        } onCancel: {
            connection.close()
        }
        guard let result = results.first else { throw RedisError(.invalid, "no result for \(command.name)") }
        return try result.get()
    }

    private func connection(until deadline: NIODeadline) async throws(RedisError) -> RedisConnection {
        var attempt = 0
        while true {
            let (idle, isClosed) = await onLoop { connections in
                (connections.idle.popLast(), connections.isClosed)
            }
            guard !isClosed else { throw RedisError(.notSent, "this process has closed its connections to Redis") }
            if let idle { return idle }
            do throws(RedisError) {
                var settings = settings
                settings.endpoint = try await locator.locate()
                let connection = try await RedisConnection.connect(settings, on: loop)
                await onLoop { connections in
                    if connections.isClosed { connection.close() }
                    connections.all[ObjectIdentifier(connection)] = connection
                }
                return connection
            } catch { try await pause(attempt, until: deadline, otherwise: error) }
            attempt += 1
        }
    }

    private func pause(
        _ attempt: Int, until deadline: NIODeadline, otherwise error: RedisError
    ) async throws(RedisError) {
        var generator = SystemRandomNumberGenerator()
        let delay = TimeAmount.milliseconds(
            Int64(RedisBackoff.milliseconds(attempt: attempt, using: &generator)))
        guard loop.now + delay < deadline, !Task.isCancelled else { throw error }
        try? await loop.scheduleTask(in: delay) {}.futureResult.get()
    }

    private func giveBack(_ connection: RedisConnection, isGood: Bool) async {
        await onLoop { connections in
            guard isGood, !connections.isClosed, connections.idle.count < Self.mostIdle, connection.isReady else {
                connections.all[ObjectIdentifier(connection)] = nil
                return connection.close()
            }
            connections.idle.append(connection)
        }
    }

    private func onLoop<T: Sendable>(_ body: @escaping @Sendable (BlockingConnections) -> T) async -> T {
        await withUnsafeContinuation { continuation in
            loop.execute { continuation.resume(returning: body(self)) }
        }
    }

    /// On the event loop: a server that hangs, and was replaced, would keep its commands waiting for ever.
    func relocate(to endpoint: RedisEndpoint, because error: RedisError) {
        idle.removeAll { $0.endpoint != endpoint }
        for connection in all.values where connection.endpoint != endpoint { connection.fail(error) }
    }

    /// On the event loop: ends all; commands that wait in the server fail.
    func close() -> EventLoopFuture<Void> {
        isClosed = true
        let connections = Array(all.values)
        (all, idle) = ([:], [])
        for connection in connections { connection.close() }
        return EventLoopFuture.andAllComplete(connections.map(\.closed), on: loop)
    }
}

extension Result<RESPValue, RedisError> {
    /// Whether the connection can be used again.
    fileprivate var isAnswer: Bool {
        switch self {
        case .success: true
        case .failure(let error): error.kind == .refused && !["READONLY", "LOADING", "MASTERDOWN"].contains(error.code)
        }
    }
}
