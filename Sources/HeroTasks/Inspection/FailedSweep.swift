// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroRedis

/// Retries or removes failed jobs that somebody has chosen, a page of the list at a time.
package struct FailedSweep: Sendable {
    package enum Act: Sendable {
        case retry, remove
    }

    /// What has become of them.
    package struct Report: Sendable {
        package var done: [String] = []
        /// Ids of what stays, with the reason.
        package var problems: [(id: String, reason: String)] = []
    }

    private let api: QueueAPI
    /// Entries of one round trip, each of which may be large.
    private static let page = 50

    package init(_ store: JobStore) { api = QueueAPI(store) }

    /// - Parameters:
    ///   - act: What is done.
    ///   - isWanted: Is asked once for each entry.
    /// - Returns: What was done; entries that others have taken meanwhile are left out.
    /// - Throws: ``RedisError``.
    package func run(_ act: Act, where isWanted: (FailedEntry) -> Bool) async throws -> Report {
        var report = Report()
        // What fails again meanwhile is behind the end of the list as it is now.
        var (left, position) = (try await api.failedCount(), 0)
        guard left > 0 else { return report }
        while left > 0 {
            let entries = try await api.failedPage(position, position + min(left, Self.page) - 1).map {
                FailedEntry($0)
            }
            guard !entries.isEmpty else { break }
            left -= entries.count
            for entry in entries {
                guard isWanted(entry) else {
                    position += 1
                    continue
                }
                do {
                    if try await perform(act, entry) { report.done.append(entry.id) }
                } catch let error as MalformedJob {
                    report.problems.append((entry.id, error.reason))
                    position += 1
                }
            }
        }
        return report
    }

    /// - Returns: `false` when somebody else was faster.
    private func perform(_ act: Act, _ entry: FailedEntry) async throws -> Bool {
        switch act {
        case .remove: return try await api.removeFailed(entry.bytes) > 0
        case .retry:
            do {
                try await api.retryAndRemoveFailed(entry.bytes)
                return true
            } catch let refusal as QueueRefusal where refusal == .notFailed {
                return false
            }
        }
    }
}
