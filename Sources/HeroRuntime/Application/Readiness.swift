// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Why the process should not be sent requests, although it runs.
///
/// Parts without which the process cannot serve report their state here: Redis, where it is required.
package final class Readiness: Sendable {
    private let problems = Mutex<[(part: String, reason: String)]>([])

    package init() {}

    /// Reports how a part is; of one part the last report counts.
    ///
    /// - Parameters:
    ///   - part: Who reports, for example `redis`.
    ///   - reason: What is wrong, for whoever looks at the health check; `nil` when all is well.
    package func report(_ part: String, _ reason: String?) {
        problems.withLock { problems in
            problems.removeAll { $0.part == part }
            if let reason { problems.append((part, reason)) }
        }
    }

    /// The first problem; `nil` when there is none.
    package var reason: String? { problems.withLock { $0.first?.reason } }
}
