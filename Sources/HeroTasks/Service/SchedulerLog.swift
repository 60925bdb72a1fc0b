// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroConfiguration
internal import HeroLog
internal import HeroRuntime

/// Writes what a scheduler says, in the reference's words.
struct SchedulerLog: Sendable {
    private let log: LogRouter
    private let levels: TasksConfiguration.SchedulerLevels
    private let cleaning: String

    init(_ application: HeroApplication) {
        log = application.log
        levels = application.core.tasks.schedulerLogging
        cleaning = application.core.tasks.workerLogging.cleaningWorker
    }

    func write(_ note: SchedulerNote) {
        let level = level(of: note)
        guard log.isEnabled(level) else { return }
        log.write(level: level, message: note.message, data: data(of: note))
    }

    private func level(of note: SchedulerNote) -> LogLevel {
        let name: String
        switch note {
        case .started: name = levels.start
        case .ended: name = levels.end
        case .polling: name = levels.poll
        case .workingTimestamp: name = levels.workingTimestamp
        case .transferredJob: name = levels.transferredJob
        case .enqueuedRecurrent: name = levels.enqueue
        case .retried: name = levels.reEnqueue
        case .cleanedStuckWorker: name = cleaning
        case .leader: return .notice
        case .lostLead, .skippedRecurrent, .failed: return .warning
        case .keptHouse: return .debug
        }
        return LogLevel(name: name) ?? .info
    }

    private func data(of note: SchedulerNote) -> [(name: String, value: JSON)] {
        switch note {
        case .skippedRecurrent(_, _, let late): [("late", .integer(late))]
        case .enqueuedRecurrent(_, let runs): runs > 1 ? [("runs", .integer(runs))] : []
        case .cleanedStuckWorker(let name, let entry, let delta):
            [
                ("workerName", .string(name)),
                ("errorPayload", entry.map { .string(String(decoding: $0, as: UTF8.self)) } ?? .null),
                ("delta", .integer(delta)),
            ]
        case .keptHouse(let done):
            [
                ("counters", .integer(done.counters)), ("owners", .integer(done.owners)),
                ("dead", .integer(done.dead)), ("orphans", .integer(done.orphans)),
                ("batches", .integer(done.batches)),
            ]
        case .failed(let reason): [("error", .string(reason))]
        case .started, .ended, .polling, .leader, .lostLead, .workingTimestamp, .transferredJob, .retried: []
        }
    }
}
