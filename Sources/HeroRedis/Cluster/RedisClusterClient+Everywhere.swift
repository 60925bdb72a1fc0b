// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

// Commands that concern all primaries.
extension RedisClusterClient {
    func sendEverywhere(
        _ command: RedisCommand, _ combination: CommandRoute.Combination, until deadline: Int
    ) async -> Outcome {
        await waitForMap(until: deadline)
        let primaries = state.withLock { $0.machine.map?.primaries ?? [] }
        guard !primaries.isEmpty else {
            return .failure(nowhere)
        }
        let pending = primaries.enumerated().map { position, node in
            RoutedCommand(command, .node(node), position: position, deadline: deadline)
        }
        let results = await run(pending).sorted { $0.0 < $1.0 }.map(\.1)
        var values: [RESPValue] = []
        for result in results {
            switch result {
            case .success(let value): values.append(value)
            case .failure: return result
            }
        }
        return .success(combination.combine(values))
    }

    /// One step of a scan.
    func scan(_ command: RedisCommand, until deadline: Int) async -> Outcome {
        await waitForMap(until: deadline)
        guard command.arguments.count > 1,
            let cursor = ScanCursor(String(decoding: command.arguments[1], as: UTF8.self))
        else { return .failure(RedisError(.invalid, "SCAN needs a cursor: 0, or what the last SCAN returned")) }
        let primaries = state.withLock { $0.machine.map?.primaries ?? [] }
        guard cursor.shard < primaries.count else {
            // A cluster that has become smaller meanwhile; one that is not known yet is no end.
            guard !primaries.isEmpty else {
                return .failure(nowhere)
            }
            return .success(.array([.bytes(Array("0".utf8)), .array([])]))
        }
        var step = command
        step.arguments[1] = Array(cursor.cursor.utf8)
        let routed = RoutedCommand(step, .node(primaries[cursor.shard]), position: 0, deadline: deadline)
        let result = await run([routed]).first?.1 ?? .failure(RedisError(.notSent, "not sent"))
        guard case .success(let reply) = result else { return result }
        guard let fields = reply.elements, fields.count == 2, let next = fields[0].text else { return .success(reply) }
        let text = cursor.next(after: next, of: primaries.count)
        return .success(.array([.bytes(Array(text.utf8)), fields[1]]))
    }
}

extension CommandRoute.Combination {
    /// - Parameter values: One of each primary, at least one.
    /// - Returns: What the caller gets.
    func combine(_ values: [RESPValue]) -> RESPValue {
        switch self {
        case .first: return values.first ?? .null
        case .sum: return .integer(values.reduce(0) { $0 &+ ($1.integer ?? 0) })
        case .concatenation: return .array(values.flatMap { $0.elements ?? [] })
        case .minimum:
            let lists = values.map { $0.elements ?? [] }
            let count = lists.map(\.count).min() ?? 0
            return .array((0..<count).map { index in .integer(lists.map { $0[index].integer ?? 0 }.min() ?? 0) })
        }
    }
}
