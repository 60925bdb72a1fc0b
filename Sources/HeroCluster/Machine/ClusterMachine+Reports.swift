// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

// What is said about workers that have ended.
extension ClusterMachine {
    mutating func reportEnd(_ worker: Worker, _ end: WorkerEnd) {
        let isAsked = worker.phase == .stopping
        if let report = end.report, !(isAsked && end.cause == .exit(0)) {
            reportCrash(worker, report)
            return
        }
        guard !worker.isYetToServe else {
            reportUnready(worker, end)
            return
        }
        switch end.cause {
        case .exit(0) where isAsked: break
        case .exit(let code) where worker.phase == .serving:
            log(.alert, worker.label + "ended with exit code \(code), which nobody had asked for")
            note(worker, "ended with exit code \(code)", end)
            attribute(worker, running: end.running, inFlight: end.inFlight)
        case .exit(let code): log(.error, worker.label + "ended with exit code \(code)")
        case .signal(9) where end.isOutOfMemory && !worker.isKilled:
            log(.alert, worker.label + "killed by the kernel, which was out of memory")
            note(worker, "killed by the kernel, which was out of memory", end)
            attribute(worker, running: end.running, inFlight: end.inFlight)
        case .signal where worker.isKilled: break
        case .signal(let number) where end.isOwnSignal && worker.phase == .serving:
            reportOwnSignal(worker, number, running: end.running)
        case .signal(let number):
            guard Self.outsideSignals[number] != nil else {
                let message = "ended by signal \(number)"
                reportCrash(worker, CrashReport(message: message, lines: [], running: [], inFlight: []))
                return
            }
            log(.error, worker.label + "killed by \(Self.name(number))")
        }
    }

    /// Why it did not start; what a candidate says is told when it is rejected.
    private mutating func reportUnready(_ worker: Worker, _ end: WorkerEnd) {
        guard !worker.isCandidate else { return }
        for line in reasons(worker, end) { log(.error, worker.label + line) }
        guard end.cause == .exit(78) else { return }
        log(.error, worker.label + "refuses \(worker.generation); its place stays empty until the next deploy")
    }

    /// Signals that other programs and people send.
    private static let outsideSignals: [Int32: String] = [1: "SIGHUP", 2: "SIGINT", 9: "SIGKILL", 15: "SIGTERM"]

    static func name(_ signal: Int32) -> String { outsideSignals[signal] ?? "signal \(signal)" }

    mutating func reportOwnSignal(_ worker: Worker, _ signal: Int32, running: [String]) {
        log(.alert, worker.label + "has sent itself \(Self.name(signal)), which nobody had asked for")
        attribute(worker, running: running, inFlight: running)
    }

    private mutating func reportCrash(_ worker: Worker, _ report: CrashReport) {
        log(.alert, worker.label + "uncaught exception => \(report.message)")
        for line in report.lines { log(.alert, worker.label + "   " + line) }
        note(worker, report)
        attribute(worker, running: report.running, inFlight: report.inFlight)
    }

    /// Keeps a crash for the error reporters, which live in workers.
    ///
    /// Hazard: a reporter that crashes at a crash would end one worker after the other if each were told about the last.
    private mutating func note(_ worker: Worker, _ report: CrashReport) {
        if let told = worker.toldOfCrashesAt, now - told < ClusterLimits.crashReportTime, report.running.isEmpty {
            let reason = "error reporters are not told: it ended soon after its own were told about another crash"
            return log(.error, worker.label + reason)
        }
        let notice = CrashNotice(worker: "worker #\(worker.id)", report)
        unreported = ((unreported ?? []) + [notice]).suffix(ClusterLimits.unreportedCrashes)
    }

    private mutating func note(_ worker: Worker, _ message: String, _ end: WorkerEnd) {
        note(worker, CrashReport(message: message, lines: end.lastLines, running: end.running, inFlight: end.inFlight))
    }

    /// Lets the error reporters of a worker know of crashes.
    ///
    /// - Parameter serial: One that serves: the replacement of the one that crashed, where that can be.
    mutating func shareCrashes(with serial: Int) {
        guard let notices = unreported else { return }
        actions.append(.send(serial: serial, .crashes(notices)))
        change(serial) { [now] in $0.toldOfCrashesAt = now }
        unreported = nil
    }

    /// Where nothing is going to serve that does not yet, any worker does.
    mutating func shareCrashes() {
        guard unreported != nil, deploy == nil, vacancies.isEmpty, active.allSatisfy({ $0.phase == .serving }),
            let worker = serving.max(by: { $0.serial < $1.serial })
        else { return }
        shareCrashes(with: worker.serial)
    }

    /// Lets one that serves know that a process is gone, so that nobody waits for its leases to end and only the job that
    /// has crashed it is counted.
    mutating func shareDeath(of worker: Worker, _ end: WorkerEnd) {
        guard worker.servedAt != nil, worker.pid != 0,
            !(worker.phase == .stopping && end.cause == .exit(0))
        else { return }
        let death = DeathNotice(pid: worker.pid, job: end.job)
        guard let other = serving.max(by: { $0.serial < $1.serial }) else {
            untold = ((untold ?? []) + [death]).suffix(ClusterLimits.untoldDeaths)
            return
        }
        actions.append(.send(serial: other.serial, .died(pid: death.pid, job: death.job)))
    }

    /// Before it serves: it would find the dead by itself then, and put the death down to all of their jobs.
    mutating func shareDeaths(with serial: Int) {
        for death in untold ?? [] { actions.append(.send(serial: serial, .died(pid: death.pid, job: death.job))) }
        untold = nil
    }

    /// Says what a worker was doing when it ended, and takes out of service what has ended too many.
    private mutating func attribute(_ worker: Worker, running: [String], inFlight: [String]) {
        if !inFlight.isEmpty {
            let executing = running.isEmpty ? "" : "; executing: \(running.joined(separator: ", "))"
            log(.alert, worker.label + "actions in flight: \(inFlight.joined(separator: ", "))\(executing)")
        }
        // What crashed in an earlier generation may work in this one.
        guard worker.servedAt != nil, worker.generation == current else { return }
        let suspects = running.isEmpty ? inFlight : running
        let added = quarantine.record(suspects, now: now, settings.quarantine)
        guard !added.isEmpty else { return }
        for name in added {
            let effect =
                name.hasPrefix("task ")
                ? "the \(name) has crashed \(settings.quarantine.crashes) workers and its jobs fail"
                : "the action \(name) has crashed \(settings.quarantine.crashes) workers and answers 503"
            log(.alert, "\(effect) until the next deploy, or `hero cluster release \(name)`")
        }
        shareQuarantine()
    }

    /// One line about what happened to a worker.
    func reason(_ worker: Worker, _ end: WorkerEnd) -> String {
        worker.label + (whyNot(worker, end).first ?? "ended")
    }

    /// Why a worker did not do what it was started for, with its last lines where it has not said it.
    func whyNot(_ worker: Worker, _ end: WorkerEnd) -> [String] {
        let isExplained = !worker.problems.isEmpty || !end.problems.isEmpty || worker.isLate || end.report != nil
        return reasons(worker, end) + (isExplained ? [] : end.lastLines)
    }

    /// The same without its last lines, which are in the log already.
    private func reasons(_ worker: Worker, _ end: WorkerEnd) -> [String] {
        if !worker.problems.isEmpty { return worker.problems }
        if !end.problems.isEmpty { return end.problems }
        // After the start, that is no news.
        let during = worker.progress.isEmpty || !worker.isYetToServe ? "" : " (\(worker.progress))"
        if worker.isLate {
            let limit = Self.text(milliseconds: settings.readyTimeout)
            return ["the worker was not ready after \(limit)\(during) (HB305)"]
        }
        let code = worker.isYetToServe ? " (HB304)" : ""
        if let report = end.report { return ["the worker crashed\(during): \(report.message)\(code)"] + report.lines }
        let suspects = end.running.isEmpty ? end.inFlight : end.running
        let executing =
            suspects.isEmpty || worker.isYetToServe ? "" : " (executing: \(suspects.joined(separator: ", ")))"
        switch end.cause {
        case .exit(let number):
            return ["the worker ended with exit code \(number)\(during)\(executing)\(code)"]
        case .signal(9) where end.isOutOfMemory && !worker.isKilled:
            return ["the worker was killed by the kernel, which was out of memory\(during)\(executing)\(code)"]
        case .signal(let number) where end.isOwnSignal:
            return ["the worker has sent itself \(Self.name(number))\(during)\(executing)\(code)"]
        case .signal(let number): return ["the worker was ended by signal \(number)\(during)\(code)"]
        }
    }
}
