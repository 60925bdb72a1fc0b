// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import NIOCore
internal import Synchronization

/// Goes through the sentinels, for the subscription to their announcements.
final class SentinelTour: RedisLocator {
    private let locator: SentinelLocator
    private let last = Mutex<NodeAddress?>(nil)

    init(_ locator: SentinelLocator) { self.locator = locator }

    var checksRole: Bool { false }

    /// The one behind the last one, which was lost or could not be reached.
    func locate() async throws(RedisError) -> RedisEndpoint {
        let sentinels = locator.sentinels
        let next = last.withLock { last in
            let position = last.flatMap { sentinels.firstIndex(of: $0) }.map { ($0 + 1) % sentinels.count } ?? 0
            last = sentinels.indices.contains(position) ? sentinels[position] : nil
            return last
        }
        guard let next else { throw RedisError(.notSent, "no sentinel is configured") }
        return next.endpoint
    }
}
