// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A program that leaves the terminal and outlives this process.
package enum DetachedProgram {
    /// - Parameters:
    ///   - executable: Its path.
    ///   - arguments: What it is given.
    ///   - environment: Its environment, all of it.
    ///   - null: What it reads and writes to.
    /// - Returns: The process's number.
    /// - Throws: ``SpawnFailure``.
    package static func start(
        _ executable: String, _ arguments: [String], environment: [String: String], null: Int32
    ) throws(SpawnFailure) -> Int32 {
        try Spawner(
            executable: executable, arguments: arguments, environment: environment,
            descriptors: [(0, null), (1, null), (2, null)], isSession: true
        ).start()
    }
}
