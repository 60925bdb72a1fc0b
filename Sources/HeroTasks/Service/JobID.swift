// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroSystem

/// The id of a job that somebody asks for.
///
/// Who runs the job has to know for how long its result is kept, and the layout of Resque has no room for that but the id.
enum JobID {
    /// Makes one that nothing else has.
    ///
    /// - Parameter milliseconds: For how long the result is kept; 0 for a job that only counts in a batch.
    /// - Returns: The id.
    static func make(keeping milliseconds: Int) -> String { "\(UUID4.random().text)-\(max(0, milliseconds))" }

    /// Milliseconds for which the result is kept; 0 when nobody asks for it.
    static func lifetime(of id: String) -> Int { id.split(separator: "-").last.flatMap { Int($0) } ?? 0 }
}
