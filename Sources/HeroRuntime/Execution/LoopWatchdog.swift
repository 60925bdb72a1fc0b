// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroLog
internal import HeroSystem
internal import Synchronization

/// Says what blocks an event loop, and for how long, while it does so.
///
/// An action that ends by itself is reported by its call when it has ended; this one finds those that do not, and everything
/// else: the loop is asked to come by, and what keeps it from that for too long was a block unless an action ran.
struct LoopWatchdog {
    /// A tenth of a second would wake an idle process ten times a second; a second is soon enough to be told.
    static let interval = Duration.seconds(1)
    private static let intervalNanoseconds: UInt64 = 1_000_000_000

    private let activity: LoopActivity
    private let thresholdNanoseconds: UInt64
    private let log: LogRouter
    /// When the reported block began, and how long it had lasted when it was reported last.
    private var reported: (began: UInt64, lasted: UInt64) = (0, 0)
    private var lastCheck: UInt64 = 0

    init(_ activity: LoopActivity, thresholdNanoseconds: UInt64, log: LogRouter) {
        self.activity = activity
        self.thresholdNanoseconds = thresholdNanoseconds
        self.log = log
    }

    /// Watches until the task is cancelled.
    ///
    /// - Parameter loop: What is watched.
    mutating func run(_ loop: any ActionLoop) async {
        let (activity, threshold, log) = (activity, thresholdNanoseconds, log)
        // Used by the loop only.
        let starvation = Starvation()
        while (try? await Task.sleep(for: Self.interval)) != nil {
            let now = MonotonicTime.nanoseconds
            guard check(now: now) else { continue }
            activity.ask(at: now)
            loop.execute {
                let blocked = activity.answer(at: MonotonicTime.nanoseconds)
                // What the machine gave to others says nothing about this process.
                let starved = starvation.sinceLastTime
                if blocked > threshold, blocked - threshold > starved {
                    Self.report(activity, log, nanoseconds: blocked, isOver: true)
                }
            }
        }
    }

    /// Reports what blocks the loop now.
    ///
    /// - Parameter now: Monotonic nanoseconds.
    /// - Returns: Whether the loop may be asked to come by: it has done so since it was asked last.
    @discardableResult
    mutating func check(now: UInt64) -> Bool {
        guard !activity.hasEnded else { return false }
        let hasStoodStill = lastCheck != 0 && now > lastCheck + 2 * Self.intervalNanoseconds
        lastCheck = now
        if let (action, began) = activity.current {
            if let lasted = due(began, now) {
                log.reportBlockedLoop(action, level: .error, nanoseconds: lasted, isOver: false)
            }
        } else if hasStoodStill {
            activity.forgetQuestion()
        } else if let asked = activity.askedAt, let lasted = due(asked, now) {
            Self.report(activity, log, nanoseconds: lasted, isOver: false)
        }
        return activity.askedAt == nil
    }

    /// Again each time the duration has doubled, so that a hang does not fill the log.
    private mutating func due(_ began: UInt64, _ now: UInt64) -> UInt64? {
        guard now > began, now - began > thresholdNanoseconds else { return nil }
        let lasted = now - began
        if reported.began == began, lasted < reported.lasted * 2 { return nil }
        reported = (began, lasted)
        return lasted
    }

    private static func report(_ activity: LoopActivity, _ log: LogRouter, nanoseconds: UInt64, isOver: Bool) {
        activity.countBlock()
        log.write(
            level: isOver ? .warning : .error,
            message: isOver
                ? "something other than an action blocked the event loop"
                : "something other than an action is blocking the event loop",
            data: [("blockedMilliseconds", .integer(Int(nanoseconds / 1_000_000)))])
    }
}

/// How long the calling thread has waited for a processor.
private final class Starvation: Sendable {
    private let last = Atomic<UInt64>(0)

    /// Nanoseconds since this was asked last; of a thread, by that thread.
    var sinceLastTime: UInt64 {
        // Processor time, then time spent waiting for one, in nanoseconds.
        guard let contents = try? FileContents.read("/proc/thread-self/schedstat", limit: 256) else { return 0 }
        let words = String(decoding: contents, as: UTF8.self).split(separator: " ")
        guard words.count > 1, let total = UInt64(words[1]) else { return 0 }
        let before = last.exchange(total, ordering: .relaxed)
        return total > before ? total - before : 0
    }
}

extension LogRouter {
    func reportBlockedLoop(_ action: WatchedAction, level: LogLevel, nanoseconds: UInt64, isOver: Bool) {
        write(
            level: level, message: isOver ? "an action blocked the event loop" : "an action is blocking the event loop",
            data: [
                ("action", .string(action.name)), ("version", .string(action.version)),
                ("blockedMilliseconds", .integer(Int(nanoseconds / 1_000_000))),
                ("remedy", "await instead of blocking, or declare: static let execution = Execution.threadPool"),
            ])
    }
}
