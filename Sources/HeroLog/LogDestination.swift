// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
internal import CHero
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
        state.withLock { $0.reopenings.append($0.taken + $0.waiting.count) }
        queue.async {
            self.drain()
            do {
                try self.output.reopen()
            } catch {
                report("\(error)")
            }
            self.state.withLock { _ = $0.reopenings.removeFirst() }
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

    fileprivate struct Batch {
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

/// The system's end of a destination.
///
/// Used by one queue only.
package final class LogOutput: Sendable {
    /// What was not written.
    package struct Failure {
        let lines: Int
        /// Whether not even the first line was written.
        let isWhole: Bool
        /// Whether it is worth trying again: there may be room later, but a pipe that is closed stays so.
        let mayPass: Bool
    }

    /// As write(2) is.
    package typealias SystemWrite = @Sendable (Int32, UnsafeRawPointer?, Int) -> Int

    private let path: String?
    /// Never created; `nil` to create every directory above the file.
    private let projectRoot: String?
    /// Says whether what leads to the file, and the file, may be written to.
    private let check: Check
    private let descriptor: Mutex<Int32>
    private let systemWrite: SystemWrite
    /// What was written last is the beginning of a line that could not be written to its end.
    private let endsInsideLine = Atomic<Bool>(false)

    package typealias Check = @Sendable (String) throws -> Void

    package var isFile: Bool { path != nil }

    /// Writes to a descriptor that stays open, such as standard output.
    package init(descriptor: Int32, systemWrite: @escaping SystemWrite = { Glibc.write($0, $1, $2) }) {
        (path, projectRoot) = (nil, nil)
        check = { _ in }
        self.systemWrite = systemWrite
        self.descriptor = Mutex(descriptor)
    }

    /// Appends to a file, which is created, with its directory, when it does not exist.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - projectRoot: Never created, since it may be away for a moment; `nil` to create every directory above the file.
    ///   - check: Asked each time before the file is opened: others may have put a link there since.
    /// - Throws: ``LogFileError``, `FileError`, or what the check throws.
    package init(path: String, in projectRoot: String? = nil, check: @escaping Check = { _ in }) throws {
        (self.path, self.projectRoot) = (path, projectRoot)
        self.check = check
        systemWrite = { Glibc.write($0, $1, $2) }
        descriptor = Mutex(try Self.open(path, in: projectRoot, check))
    }

    private static func open(_ path: String, in projectRoot: String?, _ check: Check) throws -> Int32 {
        try check(path)
        // Rotation may have taken the directory with the files.
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            let directory = String(path[..<slash])
            if let projectRoot {
                try FileContents.createDirectory(directory, in: projectRoot, mode: 0o750)
            } else {
                try FileContents.createDirectory(directory, mode: 0o750)
            }
        }
        // What clients sent stands in it: for the group, and nobody else. A named pipe would be waited for.
        let opened = Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0o640)
        guard opened >= 0 else {
            let reason = errno == ENXIO ? "it is a pipe or device that nobody reads" : String(cString: strerror(errno))
            throw LogFileError(path: path, reason: reason)
        }
        _ = fcntl(opened, F_SETFL, fcntl(opened, F_GETFL) & ~O_NONBLOCK)
        return opened
    }

    /// - Throws: Why the file cannot be opened again; the old one is better than none, and goes on.
    package func reopen() throws {
        guard let path else { return }
        let fresh = try Self.open(path, in: projectRoot, check)
        descriptor.withLock { descriptor in
            close(descriptor)
            descriptor = fresh
        }
        endsInsideLine.store(false, ordering: .relaxed)
    }

    /// Writes lines, whole ones or none.
    ///
    /// - Parameter lines: Each with its end.
    /// - Returns: `nil` when all were written.
    package func write(_ lines: [UInt8]) -> Failure? {
        let descriptor = descriptor.withLock { $0 }
        // Bundles print there, too.
        let isShared = descriptor == STDOUT_FILENO
        if isShared { hero_lock_output() }
        defer { if isShared { hero_unlock_output() } }
        if endsInsideLine.load(ordering: .relaxed) {
            let (count, code) = writeAll([Self.lineEnd], to: descriptor)
            guard count == 1 else { return Self.failure(lines[...], code) }
            endsInsideLine.store(false, ordering: .relaxed)
        }
        let (written, code) = writeAll(lines, to: descriptor)
        guard written < lines.count else { return nil }
        let end = lines[..<written].lastIndex(of: Self.lineEnd).map { $0 + 1 } ?? 0
        if written > end, !Self.takeBack(written - end, descriptor) { endsInsideLine.store(true, ordering: .relaxed) }
        return Self.failure(lines[end...], code)
    }

    private static let lineEnd = UInt8(ascii: "\n")

    private static func failure(_ rest: ArraySlice<UInt8>, _ code: Int32) -> Failure {
        Failure(
            lines: rest.count { $0 == lineEnd }, isWhole: rest.startIndex == 0,
            mayPass: [ENOSPC, EDQUOT, EFBIG, ENOMEM, ENOBUFS].contains(code))
    }

    /// - Returns: How many bytes were written, and why not all.
    private func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> (count: Int, code: Int32) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                let rest = UnsafeRawBufferPointer(rebasing: buffer[written...])
                return systemWrite(descriptor, rest.baseAddress, rest.count)
            }
            if count >= 0 {
                written += count
            } else if errno == EAGAIN {
                waitUntilWritable(descriptor)
            } else if errno != EINTR {
                return (written, errno)
            }
        }
        return (written, 0)
    }

    /// Removes half a line from the end of a file, unless another process has written behind it.
    ///
    /// - Returns: Whether it is gone.
    private static func takeBack(_ count: Int, _ descriptor: Int32) -> Bool {
        var status = stat()
        let position = lseek(descriptor, 0, SEEK_CUR)
        guard position >= count, fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            status.st_size == position, ftruncate(descriptor, position - off_t(count)) == 0
        else { return false }
        lseek(descriptor, position - off_t(count), SEEK_SET)
        return true
    }

    /// Standard output may have been made non-blocking by whoever shares the terminal or pipe with this process.
    private func waitUntilWritable(_ descriptor: Int32) {
        var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&wanted, 1, 1000)
    }
}

/// A log file cannot be opened.
package struct LogFileError: Error, CustomStringConvertible {
    package let path: String
    package let reason: String

    package var description: String { "cannot open the log file \(PlainText.line(path)): \(reason)" }
}
