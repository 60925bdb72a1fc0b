// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// Makes a run failed that something ended before its time: exit(0) in an action must not look like tests that passed.
enum UnfinishedTests {
    /// Where the events of the run are written; nothing when none is under way.
    private static let events = Mutex<String?>(nil)

    /// - Parameter path: Where the events will be written.
    static func begin(_ path: String) {
        events.withLock { $0 = path }
        atexit { UnfinishedTests.judge() }
    }

    static func end() { events.withLock { $0 = nil } }

    private static func judge() {
        guard let path = events.withLock({ $0 }) else { return }
        Terminal.error("Error: \(place(path)), so the tests did not run to their end: they failed")
        _exit(1)
    }

    private static func place(_ path: String) -> String {
        if let name = getenv(TestRunner.endedVariable) {
            return "exit() was called in the test \"\(String(cString: name))\""
        }
        let unfinished = TestEvents(path).unfinished
        guard !unfinished.isEmpty else {
            return "exit() was called while no test ran, by an initializer for example"
        }
        let names = unfinished.prefix(5).map { "\"\($0.displayName)\"" }.joined(separator: ", ")
        let rest = unfinished.count > 5 ? " and \(unfinished.count - 5) more" : ""
        return "exit() was called while the tests \(names)\(rest) ran"
    }
}
