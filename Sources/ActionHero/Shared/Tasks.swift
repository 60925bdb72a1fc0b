// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Background jobs, as they wait in Redis in the layout of Resque.
public struct Tasks: Sendable {
    private let host: any TaskHost

    package init(host: any TaskHost) { self.host = host }

    /// How many jobs wait, by queue.
    ///
    /// - Parameter timeout: How long to wait for Redis. `nil` for `redis.timeouts.command`.
    /// - Returns: Every queue that there is; one whose jobs are all taken has 0.
    /// - Throws: ``RedisFailure``, also without Redis.
    public func queueLengths(timeout: Duration? = nil) async throws -> [String: Int] {
        try await host.queueLengths(timeout: timeout?.wholeMilliseconds)
    }
}
