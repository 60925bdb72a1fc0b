// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import Glibc
internal import HeroSystem

/// A process that the master has started, and the ends of its lines to it.
///
/// Used by the master's loop only.
final class Child {
    enum Role {
        case worker(serial: Int)
        case check
        case upgradeCheck
        /// Nobody waits for what it does.
        case abandoned
    }

    var role: Role
    let pid: Int32
    /// The place on the board; `nil` for children that do no work.
    let slot: Int?
    private(set) var channel: Int32
    /// Standard output and standard error: two pipes, because what goes through one of them in pieces may be cut in two by
    /// what somebody else writes to it meanwhile.
    private(set) var output: Int32
    private(set) var errors: Int32
    private var framing = MessageFraming()
    private var outputCollector = OutputCollector(findsReports: false)
    private var errorCollector = OutputCollector()
    /// The last lines of both.
    private(set) var lastLines: [String] = []
    private var unsent: [UInt8] = []
    /// More than a worker that still reads can be behind.
    private static let longestQueue = 1 << 20
    /// The child is to reopen its logs, as soon as it has read what it was sent before: operators can ask for it faster than
    /// a child reads.
    private var mustReopenLogs = false

    var description: WorkerDescription?
    /// The child's pidfile, which it cannot remove when it is killed.
    var pidFile: String?
    /// What a child that checks has said.
    var plan: JSON?
    var problems: [String] = []
    /// The child was told to write its backtrace or has written one; a kill that follows is the end of that crash.
    var isAborted = false
    /// The child has begun to write its backtrace.
    private(set) var isCrashing = false
    /// The machine has been told.
    var isCrashKnown = false
    var isReportComplete: Bool { isCrashing && errorCollector.isReportComplete }

    init(role: Role, pid: Int32, slot: Int?, channel: Int32, output: Int32, errors: Int32) {
        self.role = role
        self.pid = pid
        self.slot = slot
        self.channel = channel
        self.output = output
        self.errors = errors
        for descriptor in [channel, output, errors] {
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        }
    }

    var wantsToWrite: Bool { !unsent.isEmpty }

    // MARK: Messages

    func send(_ message: MasterMessage) {
        guard channel >= 0, unsent.count < Self.longestQueue else { return }
        if message == .reopenLogs, wantsToWrite {
            mustReopenLogs = true
            return
        }
        unsent += MessageFraming.encode(message.json)
        flush()
    }

    func flush() {
        writeUnsent()
        guard mustReopenLogs, !wantsToWrite else { return }
        mustReopenLogs = false
        unsent += MessageFraming.encode(MasterMessage.reopenLogs.json)
        writeUnsent()
    }

    private func writeUnsent() {
        while !unsent.isEmpty, channel >= 0 {
            let count = unsent.withUnsafeBytes { Glibc.send(channel, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count > 0 {
                unsent.removeFirst(count)
            } else if errno != EINTR {
                // Full, or closed: its end will be the next event.
                if errno != EAGAIN { unsent = [] }
                return
            }
        }
    }

    /// Messages that have arrived.
    func receive() -> [WorkerMessage] {
        guard channel >= 0 else { return [] }
        let isOpen = Self.read(channel) { framing.append($0) }
        var messages: [WorkerMessage] = []
        do throws(MessageFault) {
            while let json = try framing.next() {
                if let message = WorkerMessage(json) { messages.append(message) }
            }
        } catch {
            closeChannel()
            return messages
        }
        if !isOpen { closeChannel() }
        return messages
    }

    private func closeChannel() {
        if channel >= 0 { close(channel) }
        channel = -1
    }

    // MARK: Output

    /// Lines that have arrived.
    func readOutput() -> [String] {
        var lines = Self.lines(&output, &outputCollector) + Self.lines(&errors, &errorCollector)
        if errorCollector.isCrashing, !isCrashing {
            isCrashing = ProcessFacts.hasCrashed(pid)
            if !isCrashing { lines += errorCollector.takeReport() }
        }
        return remember(lines)
    }

    /// The lines that were begun, after the end of a child whose own children keep the pipes open.
    func endOutput() -> [String] { remember(outputCollector.finish() + errorCollector.finish()) }

    private func remember(_ lines: [String]) -> [String] {
        let spoken = lines.filter { !$0.isEmpty }
        if !spoken.isEmpty { lastLines = (lastLines + spoken).suffix(OutputCollector.remembered) }
        return lines
    }

    private static func lines(_ descriptor: inout Int32, _ collector: inout OutputCollector) -> [String] {
        guard descriptor >= 0 else { return [] }
        var lines: [String] = []
        let isOpen = read(descriptor) { lines += collector.append($0) }
        if !isOpen {
            close(descriptor)
            descriptor = -1
            lines += collector.finish()
        }
        return lines
    }

    /// Lines that looked like a crash which has not come.
    func heldOutput() -> [String] { errorCollector.takeReport() + errorCollector.takeHeld() }

    /// Reads what is there, up to a bound, so that nobody keeps the master from the others.
    ///
    /// - Returns: Whether more may come.
    private static func read(_ descriptor: Int32, _ take: (ArraySlice<UInt8>) -> Void) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        for _ in 0..<16 {
            let count = buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                take(buffer[..<count])
            } else if count == 0 {
                return false
            } else if errno != EINTR {
                return errno == EAGAIN
            }
        }
        return true
    }

    // MARK: End

    /// What is known about a crash, if it was one.
    ///
    /// - Parameters:
    ///   - board: Where the worker noted what it was doing.
    ///   - signal: What ended it, unless it ended by itself.
    /// - Returns: `nil` when nothing speaks for a crash.
    func crashReport(_ board: WorkerBoard, signal: Int32?) -> CrashReport? {
        let written = errorCollector.crash
        guard written != nil || signal != nil else { return nil }
        let (running, inFlight) = suspects(board)
        return CrashReport(
            message: written?.message ?? "ended by signal \(signal ?? 0)", lines: written?.lines ?? [],
            running: running, inFlight: inFlight)
    }

    /// Actions that were executing on a thread, and actions that had begun and not ended; of a crash whose thread is known
    /// what that one executed.
    func suspects(_ board: WorkerBoard) -> (running: [String], inFlight: [String]) {
        guard let slot, let names = description?.names else { return ([], []) }
        let place = board.slot(slot)
        func name(_ number: Int) -> String? { names.indices.contains(number) ? names[number] : nil }
        if let thread = crashedThread, let guilty = place.running(thread: thread).flatMap(name) {
            return ([guilty], place.inFlight(among: names.count).compactMap(name))
        }
        return (place.running.compactMap(name), place.inFlight(among: names.count).compactMap(name))
    }

    private var crashedThread: Int? { errorCollector.crash?.thread.flatMap(WorkerThread.number) }

    /// The job that has ended it, by code of its own.
    ///
    /// - Returns: `nil` when nobody knows; `nobody` when it was something else.
    func culprit(_ board: WorkerBoard) -> JobMark? {
        guard let slot else { return nil }
        let place = board.slot(slot)
        guard let crash = errorCollector.crash, crash.thread != nil else {
            // The process has ended itself, or has had no time to write: whoever was executing, if there was but one.
            let jobs = place.jobs
            return jobs.count == 1 ? jobs.first : nil
        }
        guard let thread = crashedThread else { return nil }
        return place.job(thread: thread) ?? (place.running(thread: thread) == nil ? nil : .nobody)
    }

    /// The signal that it has sent itself, and the actions that it executed then.
    func ownSignal(_ board: WorkerBoard) -> (number: Int32, running: [String])? {
        guard let slot, let own = board.slot(slot).ownSignal else { return nil }
        let names = description?.names ?? []
        return (own.number, own.running.compactMap { names.indices.contains($0) ? names[$0] : nil })
    }

    func closeAll() {
        closeChannel()
        for descriptor in [output, errors] where descriptor >= 0 { close(descriptor) }
        (output, errors) = (-1, -1)
    }
}
