// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// `config/cluster.yml`, and what a master has to know of the rest; what each key means is documented there.
///
/// Times are milliseconds.
package struct ClusterSettings: Codable, Sendable, Hashable {
    /// `nil` for one worker per core.
    package var workers: Int?
    package var readyTimeout = 30_000
    /// `general.bundles.checkTimeout`; `nil` from an executable that did not know it.
    package var checkTimeout: Int?
    package var probation = Probation()
    package var heartbeat = Heartbeat()
    package var quarantine = QuarantineSettings()
    /// Megabytes of resident memory above which a worker is replaced; 0 for no limit.
    package var workerMemoryLimit = 0
    package var workerConsole = false

    package struct Probation: Codable, Sendable, Hashable {
        package var duration = 60_000
        package var crashes = 3
        /// Percent of responses with a status of 500 and above; 0 switches the check off.
        package var errorRate = 0
    }

    package struct Heartbeat: Codable, Sendable, Hashable {
        package var interval = 1000
        /// 0 switches it off.
        package var timeout = 20_000
    }

    package struct QuarantineSettings: Codable, Sendable, Hashable {
        /// 0 switches it off.
        package var crashes = 5
        package var window = 60_000
    }

    package init() {}

    /// How long a child that checks what is on disk, or whether a new executable can take over, has for that.
    var checkLimit: Int { checkTimeout ?? 60_000 }
}

/// Times that are not worth a setting, in milliseconds.
enum ClusterTiming {
    /// How long the next step waits for a worker that has been told to stop; the reference looks once a second, too.
    static let patience = 1000
    /// Between the end of a worker's own patience and the kill.
    static let killGrace = 5000
    /// Between the kill and the end of a process, which may have much memory to give back.
    static let lastGrace = 30_000
    /// For a worker that was told to write its backtrace to begin with it.
    static let abortGrace = 15_000
    /// For a worker to write its backtrace, a little more than the backtracer has.
    static let backtraceGrace = backtraceLimit + 5000
    /// For the backtracer, which takes seconds to read the symbols where others use the processors.
    static let backtraceLimit = 30_000
    /// Whoever waits for workers that do not start is told after so many tries.
    static let patientTries = 3
    /// A worker that has served this long has nothing to do with the crash before it.
    static let healthyAfter = 60_000
    static let longestBackoff = 30_000
    /// The reference's window for its line about flapping.
    static let flapWindow = 30_000
    /// The shortest pause before another try.
    static let shortestBackoff = 1000
    /// The longest pause between two ticks.
    static let tick = 1000
    /// Longer without a tick than that, the machine stood still, and its workers with it.
    static let standstill = 5000
    /// A worker that lived shorter and was killed from outside waits like a crashed one before it is replaced.
    static let shortLife = 1000
}

/// Bounds of what comes from outside.
enum ClusterLimits {
    /// As many places on the board are needed twice during a roll.
    static let workers = 128
    /// Of what a worker says about itself.
    static let progressLength = 500
    static let problems = 200
    /// Of what is kept of a crash until a worker can report it.
    static let crashLines = 200
    static let crashLineLength = 400
    static let unreportedCrashes = 8
}
