// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
internal import Glibc
package import HeroSystem

/// One line of the log before it is formatted, which happens on the destination's own thread.
package struct LogRecord: Sendable {
    package let level: LogLevel
    package let time: WallTime
    package let message: String
    /// Runs on the destination's thread, so filtering and formatting do not hold up the caller.
    package let fields: @Sendable (inout LogFieldWriter) -> Void
    /// How much of the buffer the record counts for; an estimate, made without formatting.
    package let sizeBytes: Int
}
