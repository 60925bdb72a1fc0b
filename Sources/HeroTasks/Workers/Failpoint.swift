// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

#if DEBUG
    internal import Glibc
#endif

/// Places where a test stops the process, to kill it there; in debug builds only.
///
/// `HERO_FAILPOINT` names the place, `HERO_FAILPOINT_REPORT` a file that does not exist: the first process that comes to the
/// place makes it, with its pid and a newline, and stops. All others go on.
package enum Failpoint {
    #if DEBUG
        private static let name = getenv("HERO_FAILPOINT").map { String(cString: $0) }
        private static let report = getenv("HERO_FAILPOINT_REPORT").map { String(cString: $0) }

        package static func reach(_ place: StaticString) {
            guard let name, name == "\(place)", let report else { return }
            let descriptor = open(report, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { return }
            let text = Array("\(getpid())\n".utf8)
            _ = write(descriptor, text, text.count)
            close(descriptor)
            raise(SIGSTOP)
        }
    #else
        @inline(__always)
        package static func reach(_ place: StaticString) {}
    #endif
}
