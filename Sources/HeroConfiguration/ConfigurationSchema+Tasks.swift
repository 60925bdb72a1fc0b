// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

// The meaning of each key is documented in config/tasks.yml.
extension ConfigurationSchema {
    private static let milliseconds = ConfigurationType.integer(0...86_400_000, unit: "ms")
    private static let level = ConfigurationType.choice(logLevels)

    static let tasks: [ConfigurationKey] = [
        ConfigurationKey("tasks.namespace", .text, "resque"),
        ConfigurationKey("tasks.scheduler", .flag, "${SCHEDULER:-false}"),
        ConfigurationKey("tasks.queues", .list(of: .text), ["*"]),
        ConfigurationKey("tasks.minTaskProcessors", .integer(0...1000, unit: nil), "${MIN_TASK_PROCESSORS:-0}"),
        ConfigurationKey("tasks.maxTaskProcessors", .integer(0...1000, unit: nil), "${MAX_TASK_PROCESSORS:-0}"),
        ConfigurationKey("tasks.timeout", milliseconds, 5000, in: ["test": 100]),
        ConfigurationKey("tasks.checkTimeout", .integer(1...86_400_000, unit: "ms"), 500, in: ["test": 50]),
        ConfigurationKey("tasks.maxEventLoopDelay", .integer(1...60_000, unit: "ms"), 5),
        ConfigurationKey("tasks.stuckWorkerTimeout", .integer(1000...604_800_000, unit: "ms"), 3_600_000),
        ConfigurationKey("tasks.retryStuckJobs", .flag, false),
        ConfigurationKey("tasks.lease", .integer(300...3_600_000, unit: "ms"), 30_000),
        ConfigurationKey("tasks.stopTimeout", .integer(0...86_400_000, unit: "ms"), 10_000),
        ConfigurationKey("tasks.crashLimit", .integer(0...1000, unit: nil), 3),
        ConfigurationKey("tasks.deadLimit", .integer(1...10_000_000, unit: "jobs"), 10_000),
        ConfigurationKey("tasks.keepLimit", .integer(0...1_073_741_824, unit: "bytes"), 16_777_216),
        ConfigurationKey("tasks.workerLogging.failure", level, "error"),
        ConfigurationKey("tasks.workerLogging.success", level, "info"),
        ConfigurationKey("tasks.workerLogging.start", level, "info"),
        ConfigurationKey("tasks.workerLogging.end", level, "info"),
        ConfigurationKey("tasks.workerLogging.job", level, "debug"),
        ConfigurationKey("tasks.workerLogging.reEnqueue", level, "debug"),
        ConfigurationKey("tasks.workerLogging.cleaning_worker", level, "info"),
        ConfigurationKey("tasks.workerLogging.internalError", level, "error"),
        ConfigurationKey("tasks.workerLogging.multiWorkerAction", level, "debug"),
        ConfigurationKey("tasks.schedulerLogging.start", level, "info"),
        ConfigurationKey("tasks.schedulerLogging.end", level, "info"),
        ConfigurationKey("tasks.schedulerLogging.poll", level, "debug"),
        ConfigurationKey("tasks.schedulerLogging.enqueue", level, "debug"),
        ConfigurationKey("tasks.schedulerLogging.reEnqueue", level, "debug"),
        ConfigurationKey("tasks.schedulerLogging.working_timestamp", level, "debug"),
        ConfigurationKey("tasks.schedulerLogging.transferred_job", level, "debug"),
    ]
}
