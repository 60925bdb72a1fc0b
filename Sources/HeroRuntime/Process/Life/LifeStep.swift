// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// A named part of a process.
package struct LifeStep: Sendable {
    package let name: String
    let start: @Sendable () async throws -> Void
    let stop: @Sendable (StopPlan) async -> Void

    /// - Parameters:
    ///   - name: For whoever reads that it has not stopped.
    ///   - start: Called once at most, when everything before it in the list has started.
    ///   - stop: Called once at most, when everything behind it in the list has stopped; also when it has not started,
    ///     because something before it could not.
    package init(
        _ name: String, start: @escaping @Sendable () async throws -> Void = {},
        stop: @escaping @Sendable (StopPlan) async -> Void = { _ in }
    ) {
        self.name = name
        self.start = start
        self.stop = stop
    }
}
