// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import CHero
import Dispatch
import Glibc

/// The main thread serves the main queue and nothing else.
///
/// Foundation, when a bundle brings it, takes the main queue over for its run loop, and whoever then waits on that queue
/// in another way waits for ever. So the thread decides how to serve it only when the bundles are loaded, and commands
/// run elsewhere.
enum MainThread {
    private static let decision = DispatchSemaphore(value: 0)

    /// Runs `body` on other threads, which must end the process.
    static func serve(while body: @escaping @Sendable () async -> Never) -> Never {
        // Not awaited: it ends by ending the process.
        Task.detached { await body() }
        decision.wait()
        if let symbol = dlsym(nil, "CFRunLoopRun") {
            let run = unsafeBitCast(symbol, to: (@convention(c) () -> Void).self)
            while true { run() }
        }
        dispatchMain()
    }

    /// To be called when all bundles are loaded, before any of their code runs.
    static func bundlesAreLoaded() {
        // Now that everything is there which may throw or set a handler of its own.
        hero_name_cpp_exceptions()
        decision.signal()
    }
}
