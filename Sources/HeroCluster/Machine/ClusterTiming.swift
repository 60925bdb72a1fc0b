// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

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
    /// After so many tries, operators who wait are told that workers do not start.
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
