// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A clock that nobody sets; it has no date.
package enum MonotonicTime {
    package static var nanoseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    package static var microseconds: Int { Int(nanoseconds / 1000) }
    package static var milliseconds: Int { Int(nanoseconds / 1_000_000) }
    package static var seconds: Int { Int(nanoseconds / 1_000_000_000) }
}
