// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import CHero

/// Threads whose work is noted on the board: by their names a backtrace says which of them has crashed.
package enum WorkerThread {
    /// Of the event loop; those of the thread pool follow.
    package static let loop = 0

    private static let loopName = "hero-loop"
    private static let poolPrefix = "hero-pool-"

    /// Gives the calling thread its name.
    ///
    /// - Parameter number: Its place on the board.
    package static func setName(_ number: Int) {
        // The system takes 15 bytes.
        hero_name_thread(number == loop ? loopName : "\(poolPrefix)\(number)")
    }

    /// - Parameter name: As a backtrace has it.
    /// - Returns: The place on the board; `nil` for a thread that has none.
    package static func number(of name: String) -> Int? {
        if name == loopName { return loop }
        guard name.hasPrefix(poolPrefix) else { return nil }
        return Int(name.dropFirst(poolPrefix.count))
    }
}
