// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import CHero
import Glibc
import Synchronization

/// Makes a run failed that something ended before its time: exit(0) in an action must not look like tests that passed, nor
/// must `_exit`, `quick_exit` and a program that takes the place of this one.
enum UnfinishedTests {
    /// Where the events of the run are written; nothing when none is under way.
    private static let events = Mutex<String?>(nil)

    /// - Parameter path: Where the events will be written.
    static func begin(_ path: String) {
        events.withLock { $0 = path }
        hero_watch_ends { code, _, _ in UnfinishedTests.judge(code) }
    }

    static func end() { hero_expect_end() }

    /// - Returns: The status that the process ends with.
    private static func judge(_ code: Int32) -> Int32 {
        let what = code == HERO_END_BY_EXECUTION ? "another program was executed" : "exit() was called"
        let place = events.withLock { $0 }.map(place) ?? ""
        Terminal.error("Error: \(what)\(place), so the tests did not run to their end: they failed")
        return 1
    }

    /// - Returns: Which part of the run is to blame, with a space before it.
    private static func place(_ path: String) -> String {
        if let name = getenv(TestRunner.endedVariable) {
            return " in the test \"\(String(cString: name))\""
        }
        let unfinished = TestEvents(path).unfinished
        guard !unfinished.isEmpty else {
            return " while no test ran, by an initializer for example"
        }
        let names = unfinished.prefix(5).map { "\"\($0.displayName)\"" }.joined(separator: ", ")
        let rest = unfinished.count > 5 ? " and \(unfinished.count - 5) more" : ""
        return " while the tests \(names)\(rest) ran"
    }
}
