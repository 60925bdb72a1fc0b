// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroSystem

/// Says which action blocks an event loop, and for how long, while it does so.
///
/// An action that ends by itself is reported by its call when it has ended; this one finds those that do not.
struct LoopWatchdog {
    /// A tenth of a second would wake an idle process ten times a second; a second is soon enough to be told.
    static let interval = Duration.seconds(1)

    private let loops: [LoopActivity]
    private let thresholdNanoseconds: UInt64
    private let log: LogRouter
    /// When the reported block began, per loop, and how long it had lasted when it was reported last.
    private var reported: [(began: UInt64, lasted: UInt64)]

    init(loops: [LoopActivity], thresholdNanoseconds: UInt64, log: LogRouter) {
        self.loops = loops
        self.thresholdNanoseconds = thresholdNanoseconds
        self.log = log
        reported = loops.map { _ in (0, 0) }
    }

    /// Watches until the task is cancelled.
    mutating func run() async {
        while (try? await Task.sleep(for: Self.interval)) != nil {
            check(now: MonotonicTime.nanoseconds)
        }
    }

    mutating func check(now: UInt64) {
        for (position, loop) in loops.enumerated() {
            guard let (action, began) = loop.current, now > began, now - began > thresholdNanoseconds else { continue }
            let lasted = now - began
            // Again each time the duration has doubled, so that a hang does not fill the log.
            if reported[position].began == began, lasted < reported[position].lasted * 2 { continue }
            reported[position] = (began, lasted)
            log.reportBlockedLoop(action, level: .error, nanoseconds: lasted, isOver: false)
        }
    }
}

extension LogRouter {
    func reportBlockedLoop(_ action: ActionRecord, level: LogLevel, nanoseconds: UInt64, isOver: Bool) {
        write(
            level: level, message: isOver ? "an action blocked the event loop" : "an action is blocking the event loop",
            data: [
                ("action", .string(action.name)), ("version", .string(action.version)),
                ("blockedMilliseconds", .integer(Int(nanoseconds / 1_000_000))),
                ("remedy", "await instead of blocking, or declare: static let execution = Execution.threadPool"),
            ])
    }
}
