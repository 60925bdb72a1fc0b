// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroLog
internal import HeroRedis
internal import HeroRuntime
internal import Synchronization

/// What the scheduler has to know of an application: its tasks that run by themselves, and its middleware.
final class ProjectSchedule: SchedulerHost {
    private let processor: TaskProcessor
    private let application: HeroApplication
    private let store: JobStore
    private let all: [RecurrentJob]
    /// Names of tasks that somebody has stopped, as far as it is known.
    private let stopped = Mutex<Set<String>>([])

    init(
        _ tasks: [(task: RecurrentTask, record: TaskRecord)], _ processor: TaskProcessor, _ store: JobStore,
        _ application: HeroApplication
    ) {
        (self.processor, self.store, self.application) = (processor, store, application)
        all = tasks.map { RecurrentJob($0.task, of: $0.record) }
    }

    /// What was read before; it is read again meanwhile, so that a stop is seen at the next look.
    var recurrent: [RecurrentJob] {
        guard !all.isEmpty else { return [] }
        // Ends with the answer of Redis.
        Task { await self.refresh() }
        let stopped = stopped.withLock { $0 }
        return all.filter { !stopped.contains($0.task.name) }
    }

    func refresh() async {
        guard !all.isEmpty,
            let names = try? await store.client.send(store.command("SMEMBERS", store.keys.stoppedTasks)).elements
        else { return }
        stopped.withLock { $0 = Set(names.compactMap(\.text)) }
    }

    func isWanted(_ job: JobPayload, payload: [UInt8]) async -> DelayedFate {
        guard let record = processor.registry.find(job.task), !record.chain.isEmpty,
            let inputs = job.inputs.first?.objectValue
        else { return .wanted }
        let queue = job.queue ?? record.queue
        var enqueued = EnqueuedTask(
            application: application.facade, name: record.name, queue: queue, inputs: inputs)
        do {
            guard try await processor.isWanted(&enqueued, record) else { return .unwanted }
        } catch {
            // Nobody has decided: the job is run, and may fail.
            application.log.write(
                level: .error, message: "task middleware failed before a delayed job was enqueued",
                data: [("task", .string(record.name)), ("error", .string("\(error)"))])
            return .wanted
        }
        guard enqueued.queue != queue || enqueued.inputs != inputs else { return .wanted }
        let changed = JobPayload(
            task: job.task, queue: enqueued.queue, inputs: .object(enqueued.inputs), tag: job.tag)
        return .changed(queue: enqueued.queue, payload: changed.bytes)
    }
}

extension JobKeys {
    /// Names of recurrent tasks that do not run until somebody says so.
    var stoppedTasks: RedisArgument { key("recurrent", "stopped") }
}

extension RecurrentJob {
    /// As the reference enqueues it, with no inputs: those that have defaults get them when it runs.
    init(_ task: RecurrentTask, of record: TaskRecord) {
        let payload = JobPayload(task: record.name, queue: record.queue, inputs: [:])
        var options = EnqueueOptions()
        for plugin in record.plugins {
            if case .queueLock = plugin.kind {
                QueueLockPlugin(plugin).beforeEnqueue(payload, queue: record.queue, &options)
            }
        }
        self.init(task, queue: record.queue, payload: payload.bytes, lock: options.queueLock)
    }
}
