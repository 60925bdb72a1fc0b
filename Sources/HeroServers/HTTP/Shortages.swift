// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroLog
internal import HeroRuntime
internal import HeroSystem
internal import Synchronization

/// Tells in the log what the process runs short of: once when it begins, then how often, and once when it is over.
///
/// A line for each would be one more thing to run out of.
final class Shortages: Sendable {
    private struct Episode {
        /// Since the last line.
        var count = 0
        var total = 1
        /// Clients, for connections.
        var waiting: Int
        /// When the last line was written, in seconds of a clock that does not go backwards.
        var told: Int
    }

    private let log: LogRouter
    private let episodes = Mutex<[Shortage: Episode]>([:])
    /// Between two lines, in seconds.
    private static let interval = 10

    init(_ log: LogRouter) { self.log = log }

    /// Whether there is nothing that would have to be told.
    var areOver: Bool { episodes.withLock { $0.isEmpty } }

    /// Notes that a call has failed for want of something.
    ///
    /// - Parameters:
    ///   - shortage: Of what.
    ///   - waiting: How many clients wait, for connections.
    ///   - now: Seconds of a clock that does not go backwards.
    func note(_ shortage: Shortage, waiting: Int = 0, now: Int = MonotonicTime.seconds) {
        let isNew = episodes.withLock { episodes in
            guard episodes[shortage] != nil else {
                episodes[shortage] = Episode(waiting: waiting, told: now)
                return true
            }
            episodes[shortage]?.count += 1
            episodes[shortage]?.total += 1
            episodes[shortage]?.waiting = waiting
            return false
        }
        guard isNew else { return }
        log.write(
            level: .warning, message: shortage.message,
            data: shortage.numbers(1, waiting) + [("descriptors", .integer(DescriptorLimit.current))])
    }

    /// Called now and then.
    func sweep(now: Int = MonotonicTime.seconds) {
        let lines = episodes.withLock { episodes in
            let all = episodes
            return all.compactMap { shortage, episode -> (Shortage, Episode)? in
                guard now - episode.told >= Self.interval else { return nil }
                episodes[shortage] =
                    episode.count > 0 ? Episode(total: episode.total, waiting: episode.waiting, told: now) : nil
                return (shortage, episode)
            }
        }
        for (shortage, episode) in lines {
            if episode.count > 0 {
                log.write(
                    level: .warning, message: shortage.message, data: shortage.numbers(episode.count, episode.waiting))
            } else {
                log.write(
                    level: .notice, message: "\(shortage.name): there are enough again",
                    data: shortage == .connections ? [] : shortage.numbers(episode.total, 0))
            }
        }
    }
}
