// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
package import HeroRedis

extension QueueInspector {
    /// Bytes of jobs that are looked at at once.
    private static let mostBytes = 32 << 20

    /// A job that somebody has taken and not finished.
    package struct Running: Sendable, Hashable {
        /// `nil` when it is no job.
        package let task: String?
        package let queue: String
        /// An owner, or a worker of another program.
        package let by: String
    }

    /// What is claimed by our processes, and what workers of other programs say that they do.
    ///
    /// What ours have claimed includes jobs that wait in the process for a moment, and what dead ones have left.
    ///
    /// - Throws: ``RedisError``.
    package func running() async throws(RedisError) -> [Running] {
        var found: [Running] = []
        var ours: [String] = []
        for owner in try await owners() {
            if let process = owner.name.split(separator: "~").first { ours.append("\(process)+") }
            guard owner.held > 0 else { continue }
            var numbers = try await store.heldNumbers(owner.name)
            while !numbers.isEmpty {
                let (jobs, count) = try await store.held(owner.name, numbers, most: Self.mostBytes)
                numbers.removeFirst(max(1, count))
                for job in jobs {
                    let task = (try? JSON(parsing: job.payload))?["class"]?.stringValue
                    found.append(Running(task: task, queue: job.queue, by: owner.name))
                }
            }
        }
        for worker in try await workers() where !ours.contains(where: worker.name.hasPrefix) {
            guard let job = worker.job else { continue }
            found.append(Running(task: job.task, queue: job.queue, by: worker.name))
        }
        return found
    }
}
