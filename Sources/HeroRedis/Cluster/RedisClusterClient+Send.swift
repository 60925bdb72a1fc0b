// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroSystem
internal import NIOCore
internal import Synchronization

extension RedisClusterClient {
    package func send(_ commands: [RedisCommand]) async -> [Result<RESPValue, RedisError>] {
        let routes = commands.map(Self.route)
        if let refusals = Self.refusals(routes) { return refusals }
        let now = loop.nanoseconds
        var results = [Outcome](repeating: .failure(RedisError(.notSent, "not sent")), count: commands.count)
        var pending: [RoutedCommand] = []
        pending.reserveCapacity(commands.count)
        for (position, command) in commands.enumerated() {
            guard case .success(let route) = routes[position] else { continue }
            let deadline = deadline(of: command, from: now)
            switch route {
            case .slot(let slot):
                let destination = RoutedCommand.Destination.slot(slot, isRead: isRead(command))
                pending.append(RoutedCommand(command, destination, position: position, deadline: deadline))
            case .anyNode: pending.append(RoutedCommand(command, .anyNode, position: position, deadline: deadline))
            case .everyPrimary, .scan:
                // What came before in this call is to be done before.
                await run(pending, into: &results)
                pending = []
                results[position] = await sendWide(command, route, until: deadline)
            }
        }
        await run(pending, into: &results)
        return results
    }

    private static func route(_ command: RedisCommand) -> Result<CommandRoute, RedisError> {
        do throws(RedisError) { return .success(try CommandRoute(command)) } catch { return .failure(error) }
    }

    /// One command that cannot be sent keeps the others from being sent too: whoever wrote it has to know.
    private static func refusals(_ routes: [Result<CommandRoute, RedisError>]) -> [Outcome]? {
        for case .failure(let error) in routes {
            let other = RedisError(.invalid, "not sent, because of another command of the same call: \(error.message)")
            return routes.map { if case .failure(let own) = $0 { .failure(own) } else { .failure(other) } }
        }
        return nil
    }

    private func sendWide(_ command: RedisCommand, _ route: CommandRoute, until deadline: Int) async -> Outcome {
        if case .everyPrimary(let combination) = route {
            return await sendEverywhere(command, combination, until: deadline)
        }
        return await scan(command, until: deadline)
    }

    private func run(_ pending: [RoutedCommand], into results: inout [Outcome]) async {
        guard !pending.isEmpty else { return }
        for (position, result) in await run(pending) { results[position] = result }
    }

    func deadline(of command: RedisCommand, from now: Int) -> Int {
        now + max(0, min(command.timeout ?? settings.connection.commandTimeout, 1 << 40)) * 1_000_000
    }

    /// Milliseconds, rounded up: a command of the last millisecond is still sent.
    func remaining(until deadline: Int) -> Int {
        let nanoseconds = deadline - loop.nanoseconds
        return nanoseconds <= 0 ? 0 : (nanoseconds - 1) / 1_000_000 + 1
    }

    func isRead(_ command: RedisCommand) -> Bool {
        settings.readsReplicas && CommandKeys.reads.contains(command.name[...])
    }

    // MARK: Groups of commands

    /// - Returns: The result of each, by position.
    func run(_ pending: [RoutedCommand]) async -> [(Int, Outcome)] {
        await waitForMap(until: pending.map(\.deadline).min() ?? 0)
        let groups = grouped(pending)
        guard groups.count > 1 else {
            return groups.isEmpty ? [] : await run(groups[0].pending, on: groups[0].node)
        }
        return await withTaskGroup { group in
            for (node, pending) in groups { group.addTask { await self.run(pending, on: node) } }
            return await group.reduce(into: []) { $0 += $1 }
        }
    }

    /// Splits by node; the order of those of one node stays.
    private func grouped(_ pending: [RoutedCommand]) -> [(node: NodeAddress?, pending: [RoutedCommand])] {
        var groups: [(node: NodeAddress?, pending: [RoutedCommand])] = []
        var numbers: [NodeAddress?: Int] = [:]
        // Those that may go anywhere go to one node, for one write.
        var random = BlockRandom()
        state.withLock { state in
            let any = state.machine.anyPrimary(using: &random)
            for routed in pending {
                let node =
                    switch routed.destination {
                    case .slot(let slot, let isRead):
                        routed.redirected ?? state.machine.node(of: slot, isRead: isRead, using: &random)
                    case .anyNode: routed.redirected ?? any
                    case .node(let node): node
                    }
                let number = numbers[node, default: groups.count]
                numbers[node] = number
                if number == groups.count { groups.append((node, [])) }
                groups[number].pending.append(routed)
            }
        }
        return groups
    }

    private func run(_ pending: [RoutedCommand], on node: NodeAddress?) async -> [(Int, Outcome)] {
        let results = await exchange(pending, with: node)
        var settled: [(Int, Outcome)] = []
        settled.reserveCapacity(pending.count)
        var again: [(routed: RoutedCommand, result: Outcome)] = []
        var delay = 0
        for (routed, result) in zip(pending, results) {
            var routed = routed
            switch routed.attempts.receive(result, from: node, remaining: remaining(until: routed.deadline)) {
            case .finish(let result):
                noteFailure(result)
                settled.append((routed.position, result))
            case .again(let step):
                take(step, at: node)
                (routed.redirected, routed.isAsking) = (step.node, step.isAsking)
                delay = max(delay, step.delay)
                again.append((routed, result))
            }
        }
        guard !again.isEmpty else { return settled }
        if delay > 0 { await pause(delay) }
        if Task.isCancelled {
            return settled + again.map { ($0.routed.position, .failure(.cancelled($0.routed.command.name))) }
        }
        if isClosed { return settled + again.map { ($0.routed.position, $0.result) } }
        return settled + (await run(again.map(\.routed)))
    }

    /// One write to one node.
    private func exchange(_ pending: [RoutedCommand], with node: NodeAddress?) async -> [Outcome] {
        let deadline = pending.map(\.deadline).min() ?? 0
        guard let node else {
            return Array(repeating: .failure(nowhere), count: pending.count)
        }
        let connection: RedisConnection
        do throws(RedisError) {
            connection = try await nodes.connection(to: node, until: deadline)
        } catch {
            return Array(repeating: .failure(error), count: pending.count)
        }
        var commands: [RedisCommand] = []
        commands.reserveCapacity(pending.count)
        for routed in pending {
            var command = routed.command
            command.timeout = remaining(until: routed.deadline)
            if routed.isAsking { commands.append(RedisCommand("ASKING", timeout: command.timeout)) }
            commands.append(command)
        }
        let results = await connection.send(commands)
        guard results.count != pending.count else { return results }
        var rest = results[...]
        return pending.map { routed in
            if routed.isAsking { rest = rest.dropFirst() }
            return rest.popFirst() ?? .failure(RedisError(.connectionLost, "a connection returned no result"))
        }
    }

    /// Nobody is known to whom a command could go.
    var nowhere: RedisError {
        state.withLock { state in
            if state.machine.map == nil, let reason = state.refreshFailure { return RedisError(.notSent, reason) }
            return RedisError(.notSent, "no node of the Redis cluster is known to have the slot")
        }
    }

    // MARK: What answers lead to

    func take(_ step: CommandAttempts.Again, at node: NodeAddress?) {
        if let correction = step.correction { state.withLock { $0.machine.corrected(correction) } }
        if step.reconnects, let node { nodes.renew(node) }
        if step.refreshes { refresh("a redirection") }
    }

    /// Whether there is nothing more to wait for.
    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// A node that hangs is noticed by callers whose time ends.
    func noteFailure(_ result: Outcome) {
        guard case .failure(let error) = result else { return }
        switch error.kind {
        case .connectionLost, .notSent: refresh("a command failed")
        case .refused, .invalid, .cancelled: break
        }
    }

    /// Waits, unless the task is cancelled.
    func pause(_ milliseconds: Int) async { try? await Task.sleep(for: .milliseconds(milliseconds)) }
}
