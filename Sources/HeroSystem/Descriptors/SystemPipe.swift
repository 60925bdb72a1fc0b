// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import CHero
internal import Glibc

/// The two ends of a pipe, which programs that are executed do not inherit.
///
/// The ends are not closed by themselves.
package struct SystemPipe: Sendable {
    /// Which ends let their user wait, the reader for bytes, the writer for room.
    package enum Waiting: Sendable {
        case both
        /// A thread waits for bytes; who writes, as a signal handler does, never waits.
        case reader
        case neither
    }

    package let reader: Int32
    package let writer: Int32

    /// `nil`, with the reason in `errno`, when the system has no descriptors to give.
    ///
    /// - Parameter waiting: Which ends let their user wait.
    package init?(waiting: Waiting = .both) {
        var ends: [Int32] = [-1, -1]
        guard hero_pipe(&ends, waiting == .neither ? O_NONBLOCK : 0) == 0 else { return nil }
        (reader, writer) = (ends[0], ends[1])
        if waiting == .reader { _ = fcntl(writer, F_SETFL, O_NONBLOCK) }
    }

    /// Closes both ends.
    package func close() {
        Glibc.close(reader)
        Glibc.close(writer)
    }
}
