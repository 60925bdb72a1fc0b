// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Bounds of what comes from outside.
enum ClusterLimits {
    /// As many places on the board are needed twice during a roll.
    static let workers = 128
    /// Longest report of a worker about its start, in characters.
    static let progressLength = 500
    static let problems = 200
    /// Lines of a crash that are kept until a worker can report it.
    static let crashLines = 200
    static let crashLineLength = 400
    static let unreportedCrashes = 8
    /// Deaths that are kept until a worker serves that can be told of them.
    static let untoldDeaths = 64
    /// In which error reporters that were told about crashes are to blame for the next, in milliseconds: a report may take 30 s.
    static let crashReportTime = 60_000
}
