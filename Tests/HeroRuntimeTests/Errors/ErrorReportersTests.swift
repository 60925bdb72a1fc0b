// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Dispatch
import HeroBundles
import Synchronization
import Testing

@testable import HeroRuntime

@Suite("error reporters")
struct ErrorReportersTests {
    private struct Unforeseen: Error {}

    private struct Fails: Action {
        static let name = "fails"
        @Input("Hidden", secret: true) var pin: String
        func run(_ context: Context) async throws -> Int { throw Unforeseen() }
    }

    private struct Refuses: Action {
        static let name = "refuses"
        func run(_ context: Context) async throws -> Int { throw ActionError("not yours", status: 403) }
    }

    private struct BadStart: Initializer {
        func start(_ application: Application) async throws { throw Unforeseen() }
    }

    /// Keeps what it gets.
    private final class Collector: ErrorReporter {
        private let reports = Mutex<[ErrorReport]>([])
        var all: [ErrorReport] { reports.withLock { $0 } }
        func report(_ report: ErrorReport) async throws { reports.withLock { $0.append(report) } }
    }

    /// Blocks its thread until it is let go.
    private final class Blocked: ErrorReporter {
        let gate = DispatchSemaphore(value: 0)
        func report(_ report: ErrorReport) async throws { wait() }
        private func wait() {
            gate.wait()
            gate.signal()
        }
    }

    /// Takes a report with each signal of its gate, and all of them once it is open.
    private final class Stepwise: ErrorReporter {
        static let name = "stepwise"
        let gate = DispatchSemaphore(value: 0)
        private let state = Mutex((taken: 0, isOpen: false))
        var taken: Int { state.withLock { $0.taken } }
        func report(_ report: ErrorReport) async throws { wait() }
        func open() {
            state.withLock { $0.isOpen = true }
            gate.signal()
        }
        private func wait() {
            if !state.withLock({ $0.isOpen }) { gate.wait() }
            state.withLock { $0.taken += 1 }
        }
    }

    private struct Failing: ErrorReporter {
        static let name = "sad"
        func report(_ report: ErrorReport) async throws { throw Unforeseen() }
    }

    /// Reports with each report, also from a task of its own.
    private final class Echoing: ErrorReporter {
        let errors: Errors
        init(_ errors: Errors) { self.errors = errors }
        func report(_ report: ErrorReport) async throws {
            errors.report(Unforeseen(), name: "echo")
            await Task { errors.report(Unforeseen(), name: "echo") }.value
        }
    }

    private let collector = Collector()

    private func process(_ overrides: JSON = [:]) throws -> InMemoryProcess {
        let process = try InMemoryProcess(
            [.action(Fails.self), .action(Refuses.self), .initializer(BadStart.self)], overrides: overrides)
        process.process.application.facade.errors.add(collector)
        return process
    }

    private func drain(_ process: InMemoryProcess) async {
        await process.process.application.errorReporters.drain(.seconds(600))
    }

    @Test("an action's error comes with its name, request and filtered parameters; the worse it is, the more severe")
    func action() async throws {
        let process = try process()
        _ = await process.answer("fails", ["pin": "123456", "apiVersion": 1])
        _ = await process.answer("refuses")
        _ = await process.answer("fails")
        _ = await process.answer("nobody")
        await drain(process)
        let reports = collector.all
        #expect(reports.map(\.name) == ["fails@1", "refuses@1", "fails@1"])
        #expect(reports.map(\.severity) == [.alert, .notice, .notice])
        let report = try #require(reports.first)
        #expect(report.kind == .action && report.error is Unforeseen && report.message == "Unforeseen()")
        #expect(report.parameters["pin"] == "[FILTERED]")
        #expect(report.requestID == "1" && report.client?.type == "test" && report.client?.remoteIP == "127.0.0.1")
        #expect(report.processID == "test" && report.environment == "development")
        #expect(report.durationMilliseconds != nil && report.timeMilliseconds > 0)
    }

    @Test("unknown actions are reported where the configuration says so")
    func unknown() async throws {
        let process = try process(["errors": ["reportUnknownActions": true]])
        _ = await process.answer("nobody")
        await drain(process)
        #expect(collector.all.map(\.name) == ["nobody"])
        #expect(collector.all.first?.severity == .notice)
    }

    @Test("an initializer that cannot start is reported before the process ends")
    func initializer() async throws {
        let process = try process()
        try await process.process.initialize()
        await #expect(throws: InitializerFailure.self) { try await process.process.start() }
        await process.process.stop()
        #expect(collector.all.map(\.name) == ["badStart start"])
        #expect(collector.all.first?.kind == .initializer && collector.all.first?.error is Unforeseen)
    }

    @Test("a reporter that reports while it gets a report is not heard by any, and the log says so")
    func echo() async throws {
        let process = try process()
        let errors = process.process.application.facade.errors
        errors.add(Echoing(errors))
        for number in 1...3 { errors.report(Unforeseen(), name: "first \(number)") }
        await drain(process)
        #expect(collector.all.map(\.name) == ["first 1", "first 2", "first 3"])
        let lines = try process.log().filter {
            $0["message"] == "an error reporter reports while it gets a report: what it reports is dropped"
        }
        #expect(lines.map { $0["dropped"] } == [1, 2, 4])
    }

    @Test("the application reports what it has caught, with a kind of its own")
    func own() async throws {
        let process = try process()
        let errors = process.process.application.facade.errors
        errors.report(
            ActionError("late"), kind: ErrorReport.Kind("import"), name: "nightly", severity: .warning,
            parameters: ["password": "hunter2", "file": "a.csv"])
        await drain(process)
        let report = try #require(collector.all.first)
        #expect(report.kind.name == "import" && report.name == "nightly" && report.severity == .warning)
        #expect(report.message == "late" && report.parameters == ["password": "[FILTERED]", "file": "a.csv"])
    }

    @Test("one that hangs holds up nobody: the others get everything, and what waits for it is bounded")
    func hanging() async throws {
        let process = try process()
        let blocked = Blocked()
        let errors = process.process.application.facade.errors
        errors.add(blocked)
        let count = ReporterLane.longestQueue + 50
        for number in 0..<count {
            errors.report(Unforeseen(), name: "\(number)")
            // The queue of the other has the same bound.
            if number.isMultiple(of: 100) { while collector.all.count <= number { await Task.yield() } }
        }
        while collector.all.count < count { await Task.yield() }
        #expect(collector.all.map(\.name) == (0..<count).map(String.init))
        let lines = try process.log().compactMap { $0["message"]?.stringValue }
        #expect(lines.count { $0.hasPrefix("an error reporter is too slow") } == 1)
        blocked.gate.signal()
        await drain(process)
        #expect(try process.log().contains { $0["message"] == "an error reporter works again" })
    }

    @Test(
        "one that is slow is told about once when reports are dropped, and once with their number when it has caught up"
    )
    func slow() async throws {
        let process = try process()
        let stepwise = Stepwise()
        let errors = process.process.application.facade.errors
        errors.add(stepwise)
        for number in 0..<(ReporterLane.longestQueue + 10) { errors.report(Unforeseen(), name: "\(number)") }
        // It takes one, and more than one arrive: the queue is as full as before.
        for step in 1...20 {
            stepwise.gate.signal()
            while stepwise.taken < step { await Task.yield() }
            for number in 0..<5 { errors.report(Unforeseen(), name: "\(step) \(number)") }
        }
        stepwise.open()
        await drain(process)
        let lines = try process.log().filter { $0["reporter"] == "stepwise" }
        #expect(
            lines.map { $0["message"] } == [
                "an error reporter is too slow: reports are dropped until it has caught up",
                "an error reporter works again",
            ])
        let lost = try #require(lines.last?["lost"]?.intValue)
        #expect(lost == ReporterLane.longestQueue + 10 + 100 - stepwise.taken)
    }

    @Test("large reports wait up to 8 MB, whatever their number")
    func bytes() async throws {
        let process = try process()
        let blocked = Blocked()
        let errors = process.process.application.facade.errors
        errors.add(blocked)
        let text = JSON.string(String(repeating: "x", count: ReporterLane.largestQueue / 3))
        for number in 0..<10 { errors.report(Unforeseen(), name: "\(number)", parameters: ["text": text]) }
        #expect(try process.log().contains { $0["reporter"] == "blocked" })
        blocked.gate.signal()
        await drain(process)
    }

    @Test("one that fails changes nothing for the action, and is logged once in a row")
    func failing() async throws {
        let process = try process()
        process.process.application.facade.errors.add(Failing())
        for _ in 0..<5 { #expect(await process.answer("refuses").response.data["error"] == "not yours") }
        await drain(process)
        let lines = try process.log().filter { $0["message"] == "an error reporter failed" }
        #expect(lines.count == 1 && lines.first?["reporter"] == "sad" && lines.first?["error"] == "Unforeseen()")
        #expect(collector.all.count == 5)
    }

    @Test("without a reporter nothing is kept, and no more than sixteen can be registered")
    func registration() async throws {
        let process = try InMemoryProcess([.action(Refuses.self)])
        _ = await process.answer("refuses")
        let errors = process.process.application.facade.errors
        for _ in 0..<17 { errors.add(collector) }
        #expect(
            try process.log().count { $0["message"]?.stringValue?.contains("16 are registered already") == true } == 1)
        await drain(process)
        #expect(collector.all.isEmpty)
    }
}
