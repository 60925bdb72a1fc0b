// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

extension JobService {
    func health(timeout: Int?) async throws -> TaskHealth {
        let snapshot = try await ask { api in
            var store = api.store
            if let timeout { store.timeout = timeout }
            return try await QueueInspector(store).snapshot(countsDelayed: false)
        }
        let oldest = snapshot.queues.compactMap { queue in
            queue.age.map { (queue.text, Duration.milliseconds($0)) }
        }
        return TaskHealth(
            queues: Dictionary(snapshot.queues.map { ($0.text, $0.length) }, uniquingKeysWith: +),
            oldest: Dictionary(oldest, uniquingKeysWith: max), lag: .milliseconds(snapshot.lag),
            leader: snapshot.leader,
            stuck: snapshot.stuck.count { $0.held > 0 })
    }
}
