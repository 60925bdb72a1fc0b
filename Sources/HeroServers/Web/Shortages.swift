// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import Glibc
internal import HeroLog
internal import HeroRuntime
internal import HeroSystem
internal import Synchronization

/// Something that the process has run out of.
enum Shortage: CaseIterable, Sendable {
    /// No descriptors for files.
    case files
    /// No descriptors for new connections, which wait.
    case connections
    /// No room on a disk.
    case disk
    case memory

    /// - Parameter errno: Of a call that failed; `nil` when it says something else.
    init?(errno: Int32) {
        switch errno {
        case EMFILE, ENFILE: self = .files
        case ENOSPC, EDQUOT: self = .disk
        case ENOMEM: self = .memory
        default: return nil
        }
    }

    fileprivate var message: String {
        switch self {
        case .files:
            "no descriptors are left for files: requests that need one are answered with 503; raise the limit (LimitNOFILE "
                + "of the service, or ulimit -n)"
        case .connections:
            "no descriptors are left for connections: clients wait until others leave; raise the limit (LimitNOFILE of the "
                + "service, or ulimit -n)"
        case .disk: "the disk is full: uploads are answered with 507; make room, or set web.formOptions.uploadDir"
        case .memory: "the system has no memory to give: requests are answered with 503"
        }
    }
}

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
        /// Of the last line; seconds of a clock that does not go backwards.
        var told: Int
    }

    private let log: LogRouter
    private let episodes = Mutex<[Shortage: Episode]>([:])
    /// Between two lines, in seconds.
    private static let interval = 10

    init(_ log: LogRouter) { self.log = log }

    /// Whether there is nothing that would have to be told.
    var areOver: Bool { episodes.withLock { $0.isEmpty } }

    /// It has happened once more.
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

extension Shortage {
    /// How often a connection could not be taken says nothing, unlike the number of those that wait.
    fileprivate func numbers(_ times: Int, _ waiting: Int) -> [(name: String, value: JSON)] {
        self == .connections ? [("waiting", .integer(waiting))] : [("times", .integer(times))]
    }

    fileprivate var name: String {
        switch self {
        case .files: "descriptors for files"
        case .connections: "descriptors for connections"
        case .disk: "room on the disk"
        case .memory: "memory"
        }
    }
}
