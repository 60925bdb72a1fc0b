// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
internal import Synchronization

/// How the whole process reaches the connections that its event loops hold.
package final class ConnectionDirectory: Sendable {
    /// Runs what it is given on the loop of its connections: soon, once, in the order of the calls.
    package typealias OnLoop = @Sendable (@escaping @Sendable (ConnectionRegistry) -> Void) -> Void

    private let loops = Mutex<[(number: Int, run: OnLoop)]>([])
    private let numbers = Atomic<Int>(0)

    package init() {}

    /// - Parameter run: Reaches a loop.
    /// - Returns: For ``detach(_:)``, which must come before the loop ends.
    package func attach(_ run: @escaping OnLoop) -> Int {
        let number = numbers.wrappingAdd(1, ordering: .relaxed).newValue
        loops.withLock { $0.append((number, run)) }
        return number
    }

    package func detach(_ number: Int) { loops.withLock { $0.removeAll { $0.number == number } } }

    /// Looks for a connection.
    ///
    /// - Parameters:
    ///   - id: The connection's.
    ///   - body: Called once: on the loop that holds the connection, or with `nil` wherever the search has ended.
    package func find(_ id: String, _ body: @escaping @Sendable ((any ConnectionHost)?) -> Void) {
        Self.find(id, loops.withLock { $0.map(\.run) }[...], body)
    }

    private static func find(
        _ id: String, _ loops: ArraySlice<OnLoop>, _ body: @escaping @Sendable ((any ConnectionHost)?) -> Void
    ) {
        guard let next = loops.first else { return body(nil) }
        next { registry in
            if let connection = registry.find(id) { return body(connection) }
            find(id, loops.dropFirst(), body)
        }
    }

    package func find(_ id: String) async -> (any ConnectionHost)? {
        await withCheckedContinuation { continuation in find(id) { continuation.resume(returning: $0) } }
    }

    package var count: Int {
        get async {
            var count = 0
            for run in loops.withLock({ $0.map(\.run) }) {
                count += await withCheckedContinuation { continuation in
                    run { continuation.resume(returning: $0.count) }
                }
            }
            return count
        }
    }
}
