// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroSystem
internal import NIOCore
internal import Synchronization

// What cannot share a write with others: transactions, and commands that wait in the server.
extension RedisClusterClient {
    package func transaction(_ commands: [RedisCommand]) async throws(RedisError) -> [RESPValue] {
        guard !commands.isEmpty else { return [] }
        for command in commands {
            if let refusal = command.refusal { throw refusal }
            try CommandRoute.check(command)
        }
        let slot = try CommandRoute.slot(of: commands)
        let longest = RedisCommand(timeout: commands.compactMap(\.timeout).max())
        let deadline = deadline(of: longest, from: loop.nanoseconds)
        let isRepeatable = commands.allSatisfy(\.isRepeatable)
        let reply = try await sendUntilAnswered(slot, isRepeatable: isRepeatable, until: deadline) { node, isAsking in
            var timed = commands
            for index in timed.indices { timed[index].timeout = self.remaining(until: deadline) }
            return await self.exchange(timed, with: node, isAsking: isAsking, until: deadline)
        }
        return reply.elements ?? []
    }

    private func exchange(
        _ transaction: [RedisCommand], with node: NodeAddress, isAsking: Bool, until deadline: Int
    ) async -> Outcome {
        do throws(RedisError) {
            guard isAsking else {
                let connection = try await nodes.connection(to: node, until: deadline)
                return .success(.array(try await connection.transaction(transaction)))
            }
            // Nobody else's command may come between ASKING and MULTI.
            return .success(
                .array(
                    try await withOwnConnection(to: node, until: deadline) { connection throws(RedisError) in
                        try await self.ask(connection, until: deadline)
                        return try await connection.transaction(transaction)
                    }))
        } catch {
            return .failure(error)
        }
    }

    package func transaction(
        _ commands: [RedisCommand], replicas: Int, milliseconds: Int
    ) async throws(RedisError) -> ReplicatedReplies {
        for command in commands {
            if let refusal = command.refusal { throw refusal }
            try CommandRoute.check(command)
        }
        let transaction = ReplicatedTransaction(commands: commands, replicas: replicas, milliseconds: milliseconds)
        let slot = try CommandRoute.slot(of: commands)
        let deadline = deadline(of: RedisCommand(timeout: transaction.timeout), from: loop.nanoseconds)
        let reply = try await sendUntilAnswered(slot, isRepeatable: transaction.isRepeatable, until: deadline) {
            node, isAsking in
            do throws(RedisError) {
                let replies = try await self.withOwnConnection(to: node, until: deadline) {
                    connection throws(RedisError) in
                    if isAsking { try await self.ask(connection, until: deadline) }
                    return try await transaction.run(on: connection)
                }
                return .success(.array([.array(replies.values), .integer(replies.replicas)]))
            } catch {
                return .failure(error)
            }
        }
        return ReplicatedReplies(
            values: reply.elements?.first?.elements ?? [], replicas: reply.elements?.last?.integer ?? 0)
    }

    package func sendBlocking(_ command: RedisCommand) async throws(RedisError) -> RESPValue {
        try CommandRoute.check(command)
        let keys = CommandKeys.keys(of: command)
        let slot = keys.isEmpty ? nil : try CommandRoute.slot(of: [command])
        // How long it waits is between the caller and the server, unless the caller has said.
        let deadline = command.timeout == nil ? Int.max : deadline(of: command, from: loop.nanoseconds)
        return try await sendUntilAnswered(slot, isRepeatable: command.isRepeatable, until: deadline) {
            node, isAsking in
            let timed = RedisCommand(command.arguments, timeout: self.remaining(until: deadline))
            do throws(RedisError) {
                let connecting = self.deadline(of: RedisCommand(), from: self.loop.nanoseconds)
                return .success(
                    try await self.withOwnConnection(to: node, until: min(deadline, connecting)) {
                        connection throws(RedisError) in
                        if isAsking { try await self.ask(connection, until: min(deadline, connecting)) }
                        return try await connection.send(timed)
                    })
            } catch {
                return .failure(error)
            }
        }
    }

    private func ask(_ connection: RedisConnection, until deadline: Int) async throws(RedisError) {
        _ = try await connection.send(RedisCommand("ASKING", timeout: remaining(until: deadline)))
    }

    /// Goes from node to node until there is an answer for the caller.
    private func sendUntilAnswered(
        _ slot: Int?, isRepeatable: Bool, until deadline: Int,
        _ exchange: (NodeAddress, _ isAsking: Bool) async -> Outcome
    ) async throws(RedisError) -> RESPValue {
        var attempts = CommandAttempts(isRepeatable: isRepeatable)
        var (redirected, isAsking): (NodeAddress?, Bool) = (nil, false)
        await waitForMap(until: min(deadline, self.deadline(of: RedisCommand(), from: loop.nanoseconds)))
        while true {
            let node = redirected ?? home(slot)
            let result =
                if let node {
                    await exchange(node, isAsking)
                } else {
                    Outcome.failure(nowhere)
                }
            switch attempts.receive(result, from: node, remaining: remaining(until: deadline)) {
            case .finish(let result):
                noteFailure(result)
                return try result.get()
            case .again(let step):
                take(step, at: node)
                (redirected, isAsking) = (step.node, step.isAsking)
                if step.delay > 0 { await pause(step.delay) }
                if Task.isCancelled || isClosed { return try result.get() }
            }
        }
    }

    private func home(_ slot: Int?) -> NodeAddress? {
        var random = BlockRandom()
        return state.withLock { state in
            guard let slot else { return state.machine.anyPrimary(using: &random) }
            return state.machine.node(of: slot, isRead: false, using: &random)
        }
    }

    /// A connection for one user at a time, which the client keeps for the next.
    private func withOwnConnection<Value: Sendable>(
        to node: NodeAddress, until deadline: Int,
        _ body: @Sendable (RedisConnection) async throws(RedisError) -> Value
    ) async throws(RedisError) -> Value {
        let pool = state.withLock { state -> ConnectionPool? in
            guard !state.isClosed else { return nil }
            if let pool = state.pools[node] { return pool }
            let pool = ConnectionPool(settings.connection(to: node), FixedLocator(node.endpoint), on: loop)
            state.pools[node] = pool
            return pool
        }
        guard let pool else { throw RedisError(.notSent, "the client was closed") }
        return try await pool.with(until: deadline, body)
    }
}
