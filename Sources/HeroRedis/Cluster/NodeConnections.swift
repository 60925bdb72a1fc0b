// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import Synchronization

/// One connection to each node of a Redis Cluster that is used, made when it is first needed.
final class NodeConnections: Sendable {
    private enum State {
        case idle
        /// The number tells this attempt from earlier ones.
        case connecting(Int)
        case ready(RedisConnection)
    }

    private struct Node {
        var state = State.idle
        let queue: DeadlineQueue<RedisConnection>
    }

    private struct All {
        var nodes: [NodeAddress: Node] = [:]
        var attempts = 0
        var isClosed = false
    }

    private let settings: RedisClusterSettings
    private let loop: any EventLoop
    private let all = Mutex(All())
    /// A node could not be reached, or its connection broke.
    private let lost: @Sendable (NodeAddress, RedisError) -> Void

    /// Milliseconds that a node which serves no slots any more has for its last replies.
    ///
    /// A node that hung may wake up and acknowledge writes that nobody will see, and callers that may ask twice should
    /// ask elsewhere.
    private static let leavingLimit = 200

    init(
        _ settings: RedisClusterSettings, on loop: any EventLoop,
        lost: @escaping @Sendable (NodeAddress, RedisError) -> Void
    ) {
        self.settings = settings
        self.loop = loop
        self.lost = lost
    }

    /// - Parameters:
    ///   - node: Where to.
    ///   - deadline: Nanoseconds of the loop's clock until which the caller waits.
    /// - Returns: A connection that is ready.
    /// - Throws: ``RedisError`` of kind `notSent`, or what the node said at the handshake.
    func connection(to node: NodeAddress, until deadline: Int) async throws(RedisError) -> RedisConnection {
        if let ready = ready(node) { return ready }
        guard let queue = queue(of: node) else { throw Self.closed }
        let late = RedisError(.notSent, "Redis at \(node): the connection was not made in time")
        return try await queue.wait(until: deadline, late: late) { connect(node, queue) }.get()
    }

    private static let closed = RedisError(.notSent, "the client was closed")

    private func ready(_ node: NodeAddress) -> RedisConnection? {
        all.withLock { all in
            if case .ready(let connection)? = all.nodes[node]?.state { connection } else { nil }
        }
    }

    private func queue(of node: NodeAddress) -> DeadlineQueue<RedisConnection>? {
        all.withLock { all in
            guard !all.isClosed else { return nil }
            let entry = all.nodes[node] ?? Node(queue: DeadlineQueue(on: loop))
            all.nodes[node] = entry
            return entry.queue
        }
    }

    private func connect(_ node: NodeAddress, _ queue: DeadlineQueue<RedisConnection>) {
        let (ready, number): (Result<RedisConnection, RedisError>?, Int?) = all.withLock { all in
            if all.isClosed { return (.failure(Self.closed), nil) }
            switch all.nodes[node]?.state ?? .idle {
            case .connecting: return (nil, nil)
            case .ready(let connection): return (.success(connection), nil)
            case .idle:
                all.attempts += 1
                all.nodes[node, default: Node(queue: queue)].state = .connecting(all.attempts)
                return (nil, all.attempts)
            }
        }
        if let ready { queue.resume(ready) }
        guard let number else { return }
        let settings = settings.connection(to: node)
        loop.execute { RedisConnection.open(settings, on: self.loop, events: self.events(node, queue, number)) }
    }

    private func events(
        _ node: NodeAddress, _ queue: DeadlineQueue<RedisConnection>, _ number: Int
    ) -> RedisConnectionEvents {
        var events = RedisConnectionEvents()
        events.ready = { [self] connection in
            // Replicas refuse even reads without it; primaries do not mind.
            if settings.readsReplicas { connection.submit(RedisBatch([RedisCommand("READONLY")]) { _ in }) }
            guard change(node, from: number, to: .ready(connection)) else { return connection.close() }
            queue.resume(.success(connection))
        }
        events.closed = { [self] connection, error, unanswered in
            let wasOurs = forget(connection, number, node)
            // The handshake's refusal (a wrong password) stays what it is; all else means: not sent.
            queue.resume(.failure(error.kind == .refused ? error : RedisError(.notSent, error.message)))
            if wasOurs { lost(node, error) }
            return unanswered
        }
        return events
    }

    private func change(_ node: NodeAddress, from number: Int, to state: State) -> Bool {
        all.withLock { all in
            guard case .connecting(number)? = all.nodes[node]?.state, !all.isClosed else { return false }
            all.nodes[node]?.state = state
            return true
        }
    }

    private func forget(_ connection: RedisConnection, _ number: Int, _ node: NodeAddress) -> Bool {
        all.withLock { all in
            switch all.nodes[node]?.state {
            case .connecting(number): break
            case .ready(let current) where current === connection: break
            case .connecting, .ready, .idle, nil: return false
            }
            all.nodes[node]?.state = .idle
            return true
        }
    }

    /// The node serves nobody any more: what it was sent may still be answered, for a moment.
    func leave(_ node: NodeAddress) {
        guard let connection = take(node) else { return }
        connection.drain()
        loop.scheduleTask(in: .milliseconds(Int64(Self.leavingLimit))) { connection.close() }
    }

    /// The connection leads to the wrong place; the next command makes a new one.
    func renew(_ node: NodeAddress) { take(node)?.drain() }

    private func take(_ node: NodeAddress) -> RedisConnection? {
        all.withLock { all in
            guard case .ready(let connection)? = all.nodes[node]?.state else { return nil }
            all.nodes[node]?.state = .idle
            return connection
        }
    }

    /// Nodes with a connection; for tests.
    var connected: [NodeAddress] {
        all.withLock { all in
            all.nodes.compactMap { if case .ready = $0.value.state { $0.key } else { nil } }.sorted()
        }
    }

    /// Ends all, when their last replies have come.
    func close() async {
        let nodes = all.withLock { all in
            all.isClosed = true
            defer { all.nodes = [:] }
            return all.nodes.values.map { $0 }
        }
        for node in nodes { node.queue.resume(.failure(Self.closed)) }
        await withTaskGroup { group in
            for case .ready(let connection) in nodes.map(\.state) { group.addTask { await connection.drained() } }
        }
    }
}
