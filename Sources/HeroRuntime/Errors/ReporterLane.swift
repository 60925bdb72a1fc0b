// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroLog
internal import Synchronization

/// One reporter and the reports that wait for it: one that hangs holds up nobody else.
final class ReporterLane: Sendable {
    static let longestQueue = 256
    /// Bytes of all reports that wait.
    static let largestQueue = 8 << 20
    static let limit = Duration.seconds(30)
    /// Whose report is being delivered by the code that asks.
    @TaskLocal static var delivering: ReporterLane?

    private typealias Entry = (make: @Sendable () -> ErrorReport, sizeBytes: Int)

    private struct State {
        var waiting: [Entry] = []
        var bytes = 0
        /// Whether a report is being delivered, or is about to.
        var isRunning = false
        /// Not delivered since the log last had their number.
        var lost = 0
        /// Whether reports have been dropped, and the reporter has not caught up since.
        var isBehind = false
        var isFailing = false
        /// Reports that the reporter itself has made.
        var own = 0
        var waiters: [AsyncStream<Never>.Continuation] = []
    }

    private let reporter: any ErrorReporter
    private let name: String
    private let log: LogRouter
    private let thread = LaneThread()
    private let state = Mutex(State())

    init(_ reporter: any ErrorReporter, name: String, _ log: LogRouter) {
        (self.reporter, self.name, self.log) = (reporter, name, log)
    }

    /// - Parameters:
    ///   - sizeBytes: About what the report keeps in memory while it waits.
    ///   - make: Makes the report, when it is its turn.
    func add(sizeBytes: Int, _ make: @escaping @Sendable () -> ErrorReport) {
        let (isFirstLost, mustStart) = state.withLock { state in
            let isFull = state.waiting.count >= Self.longestQueue || state.bytes + sizeBytes > Self.largestQueue
            if isFull, !state.waiting.isEmpty {
                state.lost += 1
                defer { state.isBehind = true }
                return (!state.isBehind, false)
            }
            state.waiting.append((make, sizeBytes))
            state.bytes += sizeBytes
            defer { state.isRunning = true }
            return (false, !state.isRunning)
        }
        if isFirstLost {
            write(.warning, "an error reporter is too slow: reports are dropped until it has caught up")
        }
        guard mustStart else { return }
        // Nobody awaits it: ``untilIdle()`` tells when it has ended.
        Task.detached(executorPreference: thread) { await self.run() }
    }

    private func run() async {
        while let make = next() {
            do {
                try await deliver(make())
                succeeded()
            } catch {
                failed(error)
            }
        }
    }

    private func next() -> (@Sendable () -> ErrorReport)? {
        let (entry, waiters) = state.withLock { state -> (Entry?, [AsyncStream<Never>.Continuation]) in
            guard !state.waiting.isEmpty else {
                state.isRunning = false
                defer { state.waiters = [] }
                return (nil, state.waiters)
            }
            let entry = state.waiting.removeFirst()
            state.bytes -= entry.sizeBytes
            return (entry, [])
        }
        for waiter in waiters { waiter.finish() }
        return entry?.make
    }

    private func deliver(_ report: ErrorReport) async throws {
        let reporter = reporter
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await Self.$delivering.withValue(self) { try await reporter.report(report) }
                return true
            }
            group.addTask {
                try await Task.sleep(for: Self.limit)
                return false
            }
            let isDelivered = try await group.next() ?? false
            group.cancelAll()
            if !isDelivered { throw TooSlow() }
        }
    }

    private struct TooSlow: Error, CustomStringConvertible {
        var description: String { "it had not ended after \(ReporterLane.limit)" }
    }

    /// Drops a report that was made while the reporter got another one: each would lead to the next, for ever.
    func dropOwn() {
        let count = state.withLock { state in
            state.own += 1
            return state.own
        }
        // 1, 2, 4, 8 …: a mistake that is made with every report does not fill the log.
        guard count & (count - 1) == 0 else { return }
        write(
            .warning, "an error reporter reports while it gets a report: what it reports is dropped",
            [("dropped", .integer(count))])
    }

    private func succeeded() {
        let lost = state.withLock { state in
            // One that is slow delivers a report and loses the next, again and again: that is one story, not many.
            let isFull =
                state.waiting.count >= Self.longestQueue / 2 || state.bytes >= Self.largestQueue / 2
            if state.isBehind, isFull {
                state.isFailing = false
                return 0
            }
            defer { (state.lost, state.isFailing, state.isBehind) = (0, false, false) }
            return state.lost
        }
        if lost > 0 { write(.warning, "an error reporter works again", [("lost", .integer(lost))]) }
    }

    /// Only the first of a row is logged: what fails now will fail for the next report, too.
    private func failed(_ error: any Error) {
        let isNew = state.withLock { state in
            state.lost += 1
            defer { state.isFailing = true }
            return !state.isFailing
        }
        if isNew { write(.warning, "an error reporter failed", [("error", .string(String(describing: error)))]) }
    }

    func logUndelivered() {
        let count = state.withLock { $0.waiting.count + 1 }
        write(.warning, "error reports were not delivered", [("reports", .integer(count))])
    }

    private func write(_ level: LogLevel, _ message: String, _ data: [(name: String, value: JSON)] = []) {
        log.write(level: level, message: message, data: [("reporter", .string(name))] + data)
    }

    var isIdle: Bool { state.withLock { !$0.isRunning } }

    /// Ends when nothing waits any more, or when its reader is cancelled.
    func untilIdle() -> AsyncStream<Never> {
        let (stream, continuation) = AsyncStream.makeStream(of: Never.self)
        let isIdle = state.withLock { state in
            if state.isRunning { state.waiters.append(continuation) }
            return !state.isRunning
        }
        if isIdle { continuation.finish() }
        return stream
    }
}
