// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

#if DEBUG
    internal import Glibc
    internal import Synchronization
#endif

/// Who is told that a process has come to one of its places: a test that has several processes in one.
package protocol FailpointWatcher: Sendable {
    /// Called in the middle of what the process does; whatever is done here happens before the next step.
    func reached(_ place: String)
}

/// Places where a test stops the process, to kill it there; in debug builds only.
///
/// `HERO_FAILPOINT` names the place, or as `name:3` the third time that it is reached; `HERO_FAILPOINT_REPORT` names a file
/// that does not exist: the first process that comes so far makes it, with its pid and a newline, and stops. Others go on.
package enum Failpoint {
    #if DEBUG
        private static let order = getenv("HERO_FAILPOINT").map { String(cString: $0).split(separator: ":") } ?? []
        private static let left = Atomic<Int>(order.count > 1 ? Int(order[1]) ?? 1 : 1)
        private static let report = getenv("HERO_FAILPOINT_REPORT").map { String(cString: $0) }

        /// - Parameters:
        ///   - place: Which.
        ///   - watcher: Is told, if it is a ``FailpointWatcher``.
        package static func reach(_ place: StaticString, _ watcher: @autoclosure () -> Any? = nil) {
            if let watcher = watcher() as? any FailpointWatcher { watcher.reached("\(place)") }
            guard let name = order.first, name == "\(place)", let report else { return }
            guard left.subtract(1, ordering: .relaxed).newValue == 0 else { return }
            let descriptor = open(report, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { return }
            let text = Array("\(getpid())\n".utf8)
            _ = write(descriptor, text, text.count)
            close(descriptor)
            raise(SIGSTOP)
        }
    #else
        @inline(__always)
        package static func reach(_ place: StaticString, _ watcher: @autoclosure () -> Any? = nil) {}
    #endif
}
