// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

extension RedisClusterClient {
    /// Looks at every primary on a connection of its own, for what commands without keys would only say of one.
    ///
    /// - Parameter body: Gets the node, and a client that leads to it alone and is closed afterwards.
    /// - Returns: What the body returns, by address; nothing when no map of the slots was to be had in time.
    package func eachPrimary<Value: Sendable>(
        _ body: (NodeAddress, any RedisClient) async -> Value
    ) async -> [Value] {
        await waitForMap(until: deadline(of: RedisCommand(), from: loop.nanoseconds))
        let primaries = state.withLock { $0.machine.map?.primaries ?? [] }
        var values: [Value] = []
        for node in primaries.sorted() {
            let client = StandaloneClient(settings.connection(to: node), on: loop)
            values.append(await body(node, client))
            await client.close()
        }
        return values
    }
}
