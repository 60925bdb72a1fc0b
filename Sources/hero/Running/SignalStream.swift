// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import CHero
import Glibc
import HeroSystem

/// Signals as events.
///
/// The handler only writes a byte to a pipe; a thread of its own reads it, so that signals arrive even while every
/// event loop is blocked.
enum SignalStream {
    /// Begins to catch signals; they end nothing any more from here on.
    ///
    /// - Parameter signals: Which ones.
    /// - Returns: Their numbers as they arrive; each waits once, as the system does with signals that it has not delivered.
    /// - Throws: ``CommandFailure`` when the system refuses.
    static func catching(_ signals: [Int32]) throws -> AsyncStream<Int32> {
        guard let pipe = SystemPipe(waiting: .reader) else { throw CommandFailure("cannot make a pipe for signals") }
        let reader = pipe.reader
        let code = hero_catch_signals(signals, signals.count, pipe.writer)
        guard code == 0 else { throw CommandFailure("cannot catch signals: \(String(cString: strerror(code)))") }
        let box = Mailbox<Int32> { _ in true }
        let hasStarted = DetachedThread.start {
            hero_name_thread("hero-signals")
            var byte: UInt8 = 0
            while true {
                let count = read(reader, &byte, 1)
                if count == 1 {
                    _ = hero_take_signal(Int32(byte))
                    box.add(Int32(byte))
                } else if count == 0 || errno != EINTR {
                    return box.close()
                }
            }
        }
        guard hasStarted else { throw CommandFailure("cannot start a thread for signals") }
        return box.elements
    }

    /// `SIGTERM` for 15.
    static func name(_ signal: Int32) -> String {
        switch signal {
        case SIGTERM: "SIGTERM"
        case SIGINT: "SIGINT"
        case SIGQUIT: "SIGQUIT"
        case SIGHUP: "SIGHUP"
        case SIGUSR1: "SIGUSR1"
        case SIGUSR2: "SIGUSR2"
        default: "signal \(signal)"
        }
    }
}
