// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroSystem
internal import NIOCore
internal import Synchronization

extension RedisClusterClient {
    /// Asks for the map, unless somebody does already.
    func refresh(_ reason: String) {
        perform(reason) { machine, random in machine.wantsRefresh(using: &random) }
    }

    private func perform(
        _ reason: String,
        _ change: (inout SlotMapMachine, inout BlockRandom) -> SlotMapMachine.RefreshAction
    ) {
        var random = BlockRandom()
        state.withLock { state in
            guard !state.isClosed, case .ask(let nodes) = change(&state.machine, &random) else { return }
            settings.log(.debug, "asking for the slots of the Redis cluster: \(reason)")
            // Awaited by close(), which also cancels it.
            state.refresh = Task { [weak self] in await self?.askForMap(nodes) }
        }
    }

    private func askForMap(_ candidates: [NodeAddress]) async {
        var reasons: [String] = []
        for node in candidates where !Task.isCancelled {
            do throws(RedisError) {
                return received(try await map(from: node), from: node)
            } catch {
                reasons.append("\(node): \(error.message)")
            }
        }
        let text = "no node of the Redis cluster gave its slots – \(reasons.joined(separator: "; "))"
        let (outcome, isFirst) = state.withLock { state in
            defer { state.refreshFailure = text }
            return (state.machine.refreshFailed(), state.refreshFailure == nil)
        }
        settings.log(isFirst ? .error : .info, text)
        mapQueue.resume(.failure(RedisError(.notSent, text)))
        plan(outcome)
    }

    /// On a connection of its own: those in use may hang.
    private func map(from node: NodeAddress) async throws(RedisError) -> SlotMap {
        var own = settings.connection(to: node)
        own.connectTimeout = min(own.connectTimeout, SlotMapMachine.answerLimit)
        let connection = try await RedisConnection.connect(own, on: loop)
        defer { connection.close() }
        let command = RedisCommand("CLUSTER", "SLOTS", isRepeatable: true, timeout: SlotMapMachine.answerLimit)
        return try SlotMap(await connection.send(command), from: node)
    }

    private func received(_ map: SlotMap, from node: NodeAddress) {
        let outcome = state.withLock { state in
            state.refreshFailure = nil
            return state.machine.received(map)
        }
        settings.log(
            .debug, "slots of the Redis cluster by \(node): \(map.coveredSlots) on \(map.primaries.count) primaries")
        mapQueue.resume(.success(()))
        for node in outcome.leaving {
            settings.log(.info, "the node \(node) of the Redis cluster has no slots any more")
            nodes.leave(node)
            if let pool = state.withLock({ $0.pools.removeValue(forKey: node) }) { loop.execute { pool.close() } }
        }
        checkSubscriber()
        plan(outcome)
    }

    private func plan(_ outcome: SlotMapMachine.Outcome) {
        loop.scheduleTask(in: .milliseconds(Int64(outcome.rest))) { [weak self] in
            self?.perform("it was wished for meanwhile") { machine, random in machine.restIsOver(using: &random) }
        }
    }

    func planSlowRefresh() {
        loop.scheduleTask(in: .milliseconds(Int64(max(settings.refreshInterval, 100)))) { [weak self] in
            guard let self, !state.withLock({ $0.isClosed }) else { return }
            refresh("its time has come")
            planSlowRefresh()
        }
    }

    /// Waits for the first map; with any map, whatever its age, it returns at once.
    func waitForMap(until deadline: Int) async {
        guard state.withLock({ $0.machine.map == nil && !$0.isClosed }) else { return }
        _ = await mapQueue.wait(until: deadline, late: RedisError(.notSent, "late")) {
            // It may have come between the look and the wait.
            if state.withLock({ $0.machine.map != nil || $0.isClosed }) { mapQueue.resume(.success(())) }
        }
    }

    package func close() async {
        let (task, pools) = state.withLock { state in
            state.isClosed = true
            defer { (state.refresh, state.pools) = (nil, [:]) }
            return (state.refresh, state.pools)
        }
        mapQueue.resume(.failure(RedisError(.notSent, "the client was closed")))
        for pool in pools.values { loop.execute { pool.close() } }
        task?.cancel()
        await task?.value
        await subscriber.close()
        await nodes.close()
    }
}
