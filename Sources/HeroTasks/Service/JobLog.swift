// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroConfiguration
internal import HeroLog
internal import HeroRuntime

/// Writes the lines about jobs, which are the reference's: `[ worker ] task success workerId=… class=… queue=… args=…`.
struct JobLog: Sendable {
    private let log: LogRouter
    private let reporters: ErrorReporters
    private let filter: LogFilter
    private let begin: LogLevel
    private let success: LogLevel
    private let failure: LogLevel
    private let retry: LogLevel

    init(_ application: HeroApplication) {
        (log, reporters) = (application.log, application.errorReporters)
        let core = application.core
        filter = LogFilter(core.logger, names: core.general.filteredNames, paths: core.general.filteredParams)
        let levels = core.tasks.workerLogging
        begin = LogLevel(name: levels.job) ?? .debug
        success = LogLevel(name: levels.success) ?? .info
        failure = LogLevel(name: levels.failure) ?? .error
        retry = LogLevel(name: levels.reEnqueue) ?? .debug
    }

    func begins(_ job: RunningJob, _ record: TaskRecord) {
        guard log.isEnabled(begin) else { return }
        log.write(level: begin, message: "[ worker ] working job \(job.queue)", data: data(job, record))
    }

    func succeeded(_ job: RunningJob, _ record: TaskRecord, _ output: JSON, microseconds: Int) {
        guard log.isEnabled(success) else { return }
        let inputs = job.arguments.first?.objectValue ?? [:]
        let shown = filter.filtered(response: ["result": output], quoting: inputs, record.inputs, as: filter)
        log.write(
            level: success, message: "[ worker ] task success",
            data: data(job, record) + [
                ("result", .string(Self.text(shown["result"] ?? .null))), ("duration", .integer(microseconds / 1000)),
            ])
    }

    // The delay is in milliseconds, and `nil` when there is no further attempt.
    func failed(_ job: RunningJob, _ record: TaskRecord, _ error: any Error, retry delay: Int?, microseconds: Int) {
        let inputs = job.arguments.first?.objectValue ?? [:]
        if log.isEnabled(failure) {
            let text = filter.filtered(JobFailure(error).message, quoting: inputs, record.inputs)
            log.write(
                level: failure, message: "Error from Task",
                data: [
                    ("name", .string("task:\(job.taskName)")), ("queue", .string(job.queue)),
                    ("worker", Self.number(of: job.workerName)), ("arguments", .string(arguments(job, record))),
                    ("stack", .string("\(type(of: error)): \(text)")), ("attempt", .integer(job.attempt)),
                    ("duration", .integer(microseconds / 1000)),
                ])
        }
        if let delay, log.isEnabled(retry) {
            log.write(
                level: retry, message: "[ worker ] reEnqueue task",
                data: data(job, record) + [("delay", .integer(delay))])
        }
        reporters.report(
            error, kind: .task, name: record.name, severity: failure, parameters: filter.filtered(inputs, record.inputs)
        )
    }

    func waits(_ run: JobRun, _ payload: JobPayload, _ error: JobFailure, milliseconds: Int) {
        log.write(
            level: .warning, message: "[ worker ] the job waits for a process that knows its task",
            data: [
                ("workerId", .string(run.worker)), ("class", .string(payload.task)), ("queue", .string(run.job.queue)),
                ("error", .string(error.message)), ("delay", .integer(milliseconds)),
            ])
    }

    func gaveUp(_ run: JobRun, _ payload: JobPayload?, _ error: JobFailure) {
        log.write(
            level: failure, message: "Error from Task",
            data: [
                ("name", .string("task:\(payload?.task ?? "")")), ("queue", .string(run.job.queue)),
                ("worker", Self.number(of: run.worker)), ("stack", .string("\(error.exception): \(error.message)")),
            ])
    }

    private func data(_ job: RunningJob, _ record: TaskRecord) -> [(name: String, value: JSON)] {
        var data = [("workerId", Self.number(of: job.workerName)), ("class", JSON.string(job.taskName))]
        // Jobs of Ruby do not say it.
        if let queue = job.payload.queue { data.append(("queue", .string(queue))) }
        return data + [("args", .string(arguments(job, record)))]
    }

    /// The inputs: the first argument, where there are several.
    private func arguments(_ job: RunningJob, _ record: TaskRecord) -> String {
        guard let inputs = job.arguments.first?.objectValue else { return Self.text(job.arguments.first ?? .null) }
        return JSON.object(filter.filtered(inputs, record.inputs)).text()
    }

    /// Of the worker in its process.
    private static func number(of worker: String) -> JSON {
        worker.split(separator: "+").last.flatMap { Int($0) }.map { .integer($0) } ?? .string(worker)
    }

    private static func text(_ value: JSON) -> String { value.stringValue ?? value.text() }
}
