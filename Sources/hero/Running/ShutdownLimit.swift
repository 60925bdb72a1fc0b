// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Glibc
import HeroRuntime

/// Ends the process when stopping takes too long.
enum ShutdownLimit {
    /// How long stopping may take, in milliseconds.
    static func milliseconds(_ environment: [String: String]) -> Int {
        guard let text = environment["ACTIONHERO_SHUTDOWN_TIMEOUT"], let limit = Int(text), limit > 0 else {
            return 30_000
        }
        return limit
    }

    /// Milliseconds in which the rest stops when connections were cut off at the end of the time.
    private static let afterCutOff = 500
    /// Milliseconds more where only the `stop` of initializers is left and what comes after it; together less than a master
    /// waits before it kills.
    private static let forInitializers = 3500

    /// - Parameters:
    ///   - milliseconds: How long connections, actions and jobs have to end.
    ///   - process: What stops.
    ///   - exitCode: The status.
    ///   - atEnd: Called before the end.
    static func arm(
        milliseconds: Int, for process: HeroProcess, exitCode: Int32 = 1, atEnd: @escaping @Sendable () -> Void = {}
    ) {
        let end = { @Sendable in
            say(milliseconds)
            process.logCutOff(afterMilliseconds: milliseconds)
            atEnd()
            _exit(exitCode)
        }
        after(milliseconds + afterCutOff) {
            if process.isPastWork { after(forInitializers, end) } else { end() }
        }
    }

    static func say(_ milliseconds: Int) {
        Terminal.error("Process did not terminate within \(milliseconds)ms. Stopping now!")
    }

    private static func after(_ milliseconds: Int, _ body: @escaping @Sendable () -> Void) {
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(milliseconds), execute: body)
    }
}
