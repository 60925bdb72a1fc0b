// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
internal import Dispatch
internal import Glibc
internal import HeroSystem
internal import Synchronization

/// A terminal, pipe or file that takes log lines.
///
/// Records wait in a bounded buffer and are formatted and written by a queue of the destination's own, many at a time.
/// When the destination is slower than the application, records that find the buffer full are dropped and counted, and
/// the count is written once there is room again. So is that of lines that the system has not taken, as on a full disk.
package final class LogDestination: Sendable {
    package let level: LogLevel
    private let format: Mutex<LogFormat>
    private let limitBytes: Int
    private let output: LogOutput
    private let queue: DispatchQueue
    private let state = Mutex(State())

    fileprivate struct State {
        var waiting: [LogRecord] = []
        var waitingBytes = 0
        /// How many records have been taken from those that wait, since the beginning.
        var taken = 0
        /// Behind how many records the file is to be opened again, the first one first.
        var reopenings: [Int] = []
        /// The first of them is being done: a file may have been renamed since.
        var isReopening = false
        var dropped = 0
        /// Lines that were handed to the system in vain.
        var lost = 0
        /// Whether a drain is scheduled or running.
        var isDraining = false
        /// Whether lost lines are to be told although there are no others.
        var retries = false
    }

    /// How long lines may wait for company.
    ///
    /// Waking a thread for each line would cost more than writing it.
    private static let gatheringMilliseconds = 10
    /// How long to wait for room on a full disk before the next try.
    private static let shortageMilliseconds = 1000

    package init(level: LogLevel, style: LogFormat.Style, limitBytes: Int, output: LogOutput) {
        self.level = level
        format = Mutex(LogFormat(style: style))
        self.limitBytes = limitBytes
        self.output = output
        queue = DispatchQueue(label: "actionhero.log")
    }

    package func write(_ record: LogRecord) {
        let mustSchedule = state.withLock { state -> Bool in
            if state.waitingBytes + record.sizeBytes <= limitBytes {
                state.waiting.append(record)
                state.waitingBytes += record.sizeBytes
            } else {
                state.dropped += 1
            }
            defer { state.isDraining = true }
            return !state.isDraining
        }
        guard mustSchedule else { return }
        queue.asyncAfter(deadline: .now() + .milliseconds(Self.gatheringMilliseconds)) { self.drain() }
    }

    /// Whether lines go to a file of this process's own, and not to a terminal or pipe that it was given.
    package var isFile: Bool { output.isFile }

    /// Closes and opens the file again, as log rotation asks for; what was written before goes to the old file, and what is
    /// written from now on to the new one.
    ///
    /// - Parameter report: Called with the reason when the file cannot be opened; lines go on to the old one then.
    package func reopen(_ report: @escaping @Sendable (String) -> Void) {
        let isWanted = state.withLock { state in
            let end = state.taken + state.waiting.count
            // Asked for again before anything was written: the file is about to be opened anyway.
            if state.reopenings.last == end, state.reopenings.count > 1 || !state.isReopening { return false }
            state.reopenings.append(end)
            return true
        }
        guard isWanted else { return }
        queue.async {
            self.drain()
            self.state.withLock { $0.isReopening = true }
            do {
                try self.output.reopen()
            } catch {
                report("\(error)")
            }
            self.state.withLock { state in
                state.reopenings.removeFirst()
                state.isReopening = false
            }
            self.drain()
        }
    }

    /// Waits until everything written so far has been handed to the system, but not longer than the limit: a destination
    /// that takes nothing must not keep the process alive.
    package func flush(limitMilliseconds: Int) {
        let done = DispatchSemaphore(value: 0)
        queue.async {
            self.drain()
            done.signal()
        }
        _ = done.wait(timeout: .now() + .milliseconds(limitMilliseconds))
    }

    private func drain() {
        var buffer: [UInt8] = []
        while let batch = nextBatch() {
            buffer.removeAll(keepingCapacity: true)
            format.withLock { format in
                if batch.lost > 0 { format.append(.lost(batch.lost), to: &buffer) }
                for record in batch.records { format.append(record, to: &buffer) }
                if batch.dropped > 0 { format.append(.dropped(batch.dropped), to: &buffer) }
            }
            let failure = output.write(buffer)
            // Room counts as used until the system has taken the bytes; otherwise a stuck pipe would hold twice the
            // limit.
            let written = batch.records.reduce(0) { $0 + $1.sizeBytes }
            state.withLock { state in
                state.waitingBytes -= written
                if let failure { state.add(failure, of: batch) }
            }
            if let failure, failure.mayPass { return waitForRoom() }
        }
    }

    struct Batch {
        let records: [LogRecord]
        let dropped: Int
        let lost: Int
    }

    /// - Returns: `nil` when there is nothing to write, which ends the drain.
    private func nextBatch() -> Batch? {
        state.withLock { state in
            if let end = state.reopenings.first, end < state.taken + state.waiting.count {
                // Whoever opens the file goes on with the others.
                guard end > state.taken else { return nil }
                let records = Array(state.waiting.prefix(end - state.taken))
                state.waiting.removeFirst(records.count)
                state.taken = end
                return Batch(records: records, dropped: 0, lost: 0)
            }
            // What was lost for good is told together with what comes next.
            guard !state.waiting.isEmpty || state.dropped > 0 || state.retries && state.lost > 0 else {
                state.isDraining = false
                return nil
            }
            state.taken += state.waiting.count
            defer { (state.waiting, state.dropped, state.lost, state.retries) = ([], 0, 0, false) }
            return Batch(records: state.waiting, dropped: state.dropped, lost: state.lost)
        }
    }

    /// The drain goes on later; until then records wait as they do for any that is slow.
    private func waitForRoom() {
        state.withLock { $0.retries = true }
        queue.asyncAfter(deadline: .now() + .milliseconds(Self.shortageMilliseconds)) { self.drain() }
    }
}

extension LogDestination.State {
    /// Counts what of a batch has not been written.
    fileprivate mutating func add(_ failure: LogOutput.Failure, of batch: LogDestination.Batch) {
        var lines = failure.lines
        // These are no lines of the application, and what they say is still to be said.
        if batch.dropped > 0 {
            lines -= 1
            dropped += batch.dropped
        }
        if batch.lost > 0, failure.isWhole {
            lines -= 1
            lost += batch.lost
        }
        lost += lines
    }
}

extension LogRecord {
    package static func dropped(_ count: Int) -> LogRecord {
        LogRecord(
            level: .warning, time: .now,
            message: "\(count) log lines were dropped because this destination was too slow", fields: { _ in },
            sizeBytes: 0)
    }

    package static func lost(_ count: Int) -> LogRecord {
        LogRecord(
            level: .warning, time: .now,
            message: "\(count) log lines were lost because the system did not take them; is the disk full?",
            fields: { _ in }, sizeBytes: 0)
    }
}

/// A log file cannot be opened.
package struct LogFileError: Error, CustomStringConvertible {
    package let path: String
    package let reason: String

    package var description: String { "cannot open the log file \(PlainText.line(path)): \(reason)" }
}
