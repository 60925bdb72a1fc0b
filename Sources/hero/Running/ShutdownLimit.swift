// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Glibc

/// Ends the process when stopping takes too long.
enum ShutdownLimit {
    /// How long stopping may take, in milliseconds.
    static func milliseconds(_ environment: [String: String]) -> Int {
        guard let text = environment["ACTIONHERO_SHUTDOWN_TIMEOUT"], let limit = Int(text), limit > 0 else {
            return 30_000
        }
        return limit
    }

    /// - Parameters:
    ///   - milliseconds: How long stopping may take.
    ///   - grace: Milliseconds in addition, for what goes on when connections were cut off at the end of that time.
    ///   - exitCode: The status.
    ///   - atEnd: Called before the end.
    static func arm(
        milliseconds: Int, grace: Int = 0, exitCode: Int32 = 1, atEnd: @escaping @Sendable () -> Void = {}
    ) {
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(milliseconds + grace)) {
            Terminal.error("Process did not terminate within \(milliseconds)ms. Stopping now!")
            atEnd()
            _exit(exitCode)
        }
    }
}
