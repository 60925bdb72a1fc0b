// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import CHero
internal import Dispatch
internal import Glibc
internal import Synchronization

/// A terminal, pipe or file that takes log lines.
///
/// Records wait in a bounded buffer and are formatted and written by a queue of the destination's own, many at a time.
/// When the destination is slower than the application, records that find the buffer full are dropped and counted, and
/// the count is written once there is room again.
final class LogDestination: Sendable {
    let level: LogLevel
    private let format: Mutex<LogFormat>
    private let limitBytes: Int
    private let output: LogOutput
    private let queue: DispatchQueue
    private let state = Mutex(State())

    private struct State {
        var waiting: [LogRecord] = []
        var waitingBytes = 0
        var dropped = 0
        /// Whether a drain is scheduled or running.
        var isDraining = false
    }

    /// How long lines may wait for company.
    ///
    /// Waking a thread for each line would cost more than writing it.
    private static let gatheringMilliseconds = 10

    init(level: LogLevel, style: LogFormat.Style, limitBytes: Int, output: LogOutput) {
        self.level = level
        format = Mutex(LogFormat(style: style))
        self.limitBytes = limitBytes
        self.output = output
        queue = DispatchQueue(label: "actionhero.log")
    }

    func write(_ record: LogRecord) {
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

    /// Closes and opens the file again, as log rotation asks for; what was written before goes to the old file.
    func reopen() {
        queue.async {
            self.drain()
            self.output.reopen()
        }
    }

    /// Waits until everything written so far has been handed to the system, but not longer than the limit: a destination
    /// that takes nothing must not keep the process alive.
    func flush(limitMilliseconds: Int) {
        let done = DispatchSemaphore(value: 0)
        queue.async {
            self.drain()
            done.signal()
        }
        _ = done.wait(timeout: .now() + .milliseconds(limitMilliseconds))
    }

    private func drain() {
        var buffer: [UInt8] = []
        while true {
            let (records, dropped) = state.withLock { state -> ([LogRecord], Int) in
                let batch = (state.waiting, state.dropped)
                if batch.0.isEmpty, batch.1 == 0 { state.isDraining = false }
                state.waiting = []
                state.dropped = 0
                return batch
            }
            if records.isEmpty, dropped == 0 { return }
            buffer.removeAll(keepingCapacity: true)
            format.withLock { format in
                for record in records { format.append(record, to: &buffer) }
                if dropped > 0 { format.append(.dropped(dropped), to: &buffer) }
            }
            output.write(buffer)
            // Room counts as used until the system has taken the bytes; otherwise a stuck pipe would hold twice the
            // limit.
            let written = records.reduce(0) { $0 + $1.sizeBytes }
            state.withLock { $0.waitingBytes -= written }
        }
    }
}

extension LogRecord {
    static func dropped(_ count: Int) -> LogRecord {
        LogRecord(
            level: .warning, time: .now,
            message: "\(count) log lines were dropped because this destination was too slow", fields: { _ in },
            sizeBytes: 0)
    }
}

/// The system's end of a destination.
///
/// Used by one queue only.
final class LogOutput: Sendable {
    private let path: String?
    private let descriptor: Mutex<Int32>

    /// Writes to a descriptor that stays open, such as standard output.
    init(descriptor: Int32) {
        path = nil
        self.descriptor = Mutex(descriptor)
    }

    /// Appends to a file, which is created when it does not exist.
    ///
    /// - Throws: ``LogFileError``.
    init(path: String) throws(LogFileError) {
        self.path = path
        let opened = Self.open(path)
        guard opened >= 0 else { throw LogFileError(path: path, reason: String(cString: strerror(errno))) }
        descriptor = Mutex(opened)
    }

    private static func open(_ path: String) -> Int32 {
        // What clients sent stands in it: for the group, and nobody else.
        Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o640)
    }

    func reopen() {
        guard let path else { return }
        let fresh = Self.open(path)
        // When the new file cannot be opened, the old one is better than none.
        guard fresh >= 0 else { return }
        descriptor.withLock { descriptor in
            close(descriptor)
            descriptor = fresh
        }
    }

    func write(_ bytes: [UInt8]) {
        let descriptor = descriptor.withLock { $0 }
        // Bundles print there, too.
        let isShared = descriptor == STDOUT_FILENO
        if isShared { hero_lock_output() }
        defer { if isShared { hero_unlock_output() } }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                let rest = UnsafeRawBufferPointer(rebasing: buffer[written...])
                return Glibc.write(descriptor, rest.baseAddress, rest.count)
            }
            if count >= 0 {
                written += count
            } else if errno == EAGAIN {
                waitUntilWritable(descriptor)
            } else if errno != EINTR {
                // A full disk or a closed pipe: there is no place left to say so.
                return
            }
        }
    }

    /// Standard output may have been made non-blocking by whoever shares the terminal or pipe with this process.
    private func waitUntilWritable(_ descriptor: Int32) {
        var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&wanted, 1, 1000)
    }
}

/// A log file cannot be opened.
struct LogFileError: Error, CustomStringConvertible {
    let path: String
    let reason: String

    var description: String { "cannot open the log file \(path): \(reason)" }
}
