// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import CHero
import Glibc
import Synchronization

/// Notices when code of the application ends the process, which is nobody's wish: `exit(0)` deep inside of a library would
/// look like a service that was stopped, or like an action that has answered.
///
/// Workers do without: their master knows whom it has told to stop.
enum UnaskedEnd {
    /// An error inside the program (EX_SOFTWARE), whatever status the code wanted: that may mean something to a service
    /// manager.
    static let exitCode: Int32 = 70

    private static let tell = Mutex<(@Sendable (String) -> Void)?>(nil)

    /// From here on nothing ends the process quietly.
    ///
    /// - Parameter tell: Called on the thread that ends the process, with a sentence that says whose code it was; replaces the
    ///   one before it. It must not wait for long, and the process ends when it returns.
    static func watch(_ tell: @escaping @Sendable (String) -> Void) {
        Self.tell.withLock { $0 = tell }
        hero_watch_ends { code, library, function in
            let text = UnaskedEnd.sentence(code, library, function)
            UnaskedEnd.tell.withLock { $0 }?(text)
            return UnaskedEnd.exitCode
        }
    }

    /// The process has done what it was started for, or was told to stop.
    static func isExpected() { hero_expect_end() }

    private static func sentence(
        _ code: Int32, _ library: UnsafePointer<CChar>?, _ function: UnsafePointer<CChar>?
    ) -> String {
        // Of a bundle the path leads to the store, and only the name says something.
        let file = library.map { String(cString: $0) }?.split(separator: "/").last.map(String.init)
        let place = function.map { " (\(readable(String(cString: $0))))" } ?? ""
        let by = file.map { " by \($0)\(place)" } ?? ""
        let what = code == HERO_END_BY_EXECUTION ? "replaced by another program" : "ended with status \(code)"
        return "the process was \(what)\(by), which nobody had asked for: "
            + "actions and initializers throw an error instead"
    }

    private static func readable(_ name: String) -> String {
        guard let text = hero_demangle(name, name.utf8.count) else { return name }
        defer { free(text) }
        return String(cString: text)
    }
}
