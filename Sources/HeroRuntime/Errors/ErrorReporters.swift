// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
internal import HeroConfiguration
internal import HeroLog
internal import HeroSystem
internal import Synchronization

/// The reporters of a process, and the way to them from whatever fails.
package final class ErrorReporters: ErrorHost {
    /// Each has a thread.
    static let most = 16
    /// How long a process that stops waits for what has been reported.
    static let patience = Duration.seconds(5)

    private let processID: String
    private let environment: String
    private let log: LogRouter
    private let filter: LogFilter
    private let lanes = Mutex<[ReporterLane]>([])
    /// Asked for every error of every action, most often where there are none.
    private let hasAny = Atomic<Bool>(false)

    init(processID: String, environment: String, _ core: CoreConfiguration, _ log: LogRouter) {
        self.processID = processID
        self.environment = environment
        self.log = log
        filter = LogFilter(core.logger, names: core.general.filteredNames, paths: core.general.filteredParams)
    }

    var isEmpty: Bool { !hasAny.load(ordering: .relaxed) }

    package func add(_ reporter: any ErrorReporter, name: String) {
        let isAdded = lanes.withLock { lanes in
            guard lanes.count < Self.most else { return false }
            lanes.append(ReporterLane(reporter, name: name, log))
            return true
        }
        guard isAdded else {
            return log.write(
                level: .error, message: "no error reporter can be added: \(Self.most) are registered already",
                data: [("reporter", .string(name))])
        }
        hasAny.store(true, ordering: .relaxed)
        log.write(level: .debug, message: "error reporter added: \(name)", data: [])
    }

    package func report(
        _ error: any Error, kind: ErrorReport.Kind, name: String, severity: LogLevel, parameters: JSON.Object
    ) {
        guard !isEmpty else { return }
        let filter = filter
        hand(
            begin(kind, name, severity),
            sizeBytes: parameters.approximateBytes
        ) { begin in
            let message = (error as? ActionError)?.message ?? String(describing: error)
            var report = begin(filter.filtered(message, quoting: parameters))
            report.error = error
            report.parameters = filter.filtered(parameters)
            return report
        }
    }

    /// Makes the report as far as it is known; what is left is its message.
    typealias Beginning = @Sendable (_ message: String) -> ErrorReport

    func begin(_ kind: ErrorReport.Kind, _ name: String, _ severity: LogLevel) -> Beginning {
        let (processID, environment, now) = (processID, environment, WallTime.now.milliseconds)
        return { message in
            ErrorReport(
                kind: kind, name: name, severity: severity, message: message, processID: processID,
                environment: environment, timeMilliseconds: now)
        }
    }

    /// - Parameters:
    ///   - begin: Of ``begin(_:_:_:)``.
    ///   - sizeBytes: About what the report keeps in memory while it waits.
    ///   - finish: Makes the report; called on the thread of a reporter.
    func hand(
        _ begin: @escaping Beginning, sizeBytes: Int,
        _ finish: @escaping @Sendable (Beginning) -> ErrorReport
    ) {
        if let reporter = ReporterLane.delivering { return reporter.dropOwn() }
        for lane in lanes.withLock({ $0 }) { lane.add(sizeBytes: sizeBytes) { finish(begin) } }
    }

    /// Reports the crash of another process of the cluster.
    package func reportCrash(
        name: String, message: String, backtrace: [String], executing: [String], inFlight: [String]
    ) {
        guard !isEmpty else { return }
        hand(begin(.crash, name, .alert), sizeBytes: backtrace.reduce(512) { $0 + $1.utf8.count }) { begin in
            var report = begin(message)
            report.backtrace = backtrace
            (report.actionsExecuting, report.actionsInFlight) = (executing, inFlight)
            return report
        }
    }

    /// Waits until everything has been reported, or for as long as ``patience`` lasts.
    package func drain(_ limit: Duration = patience) async {
        let lanes = lanes.withLock { $0 }
        guard lanes.contains(where: { !$0.isIdle }) else { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for lane in lanes { for await _ in lane.untilIdle() {} }
            }
            group.addTask { try? await Task.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
        for lane in lanes where !lane.isIdle { lane.logUndelivered() }
    }
}
