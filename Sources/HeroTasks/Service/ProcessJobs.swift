// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroConfiguration
internal import HeroLog
package import HeroRedis
package import HeroRuntime
internal import HeroSystem
package import NIOCore
internal import Synchronization

/// The background jobs of a process: what others enqueue by, and the workers that it has.
package final class ProcessJobs: BackgroundWork {
    package struct Site: Sendable {
        package var client: any RedisClient
        /// Whether it is a Redis Cluster.
        package var isCluster: Bool
        /// Whether other commands of the application go to the same server.
        package var sharesServer: Bool
        package var loop: any EventLoop
        /// Milliseconds that the whole stop of the process may take.
        package var stopLimit: Int

        package init(
            client: any RedisClient, isCluster: Bool, sharesServer: Bool, loop: any EventLoop, stopLimit: Int
        ) {
            (self.client, self.isCluster, self.sharesServer) = (client, isCluster, sharesServer)
            (self.loop, self.stopLimit) = (loop, stopLimit)
        }
    }

    let application: HeroApplication
    let store: JobStore
    let site: Site
    let runner: TaskJobRunner
    let service: JobService
    private let settings: TasksConfiguration
    private let state = Mutex(State())

    private struct State {
        var workers: TaskWorkers?
        var reaper: TaskReaper?
        var stopping: Task<Void, Never>?
    }

    /// What the rest of a stop needs after the last job, in milliseconds.
    private static let farewell = 4000

    /// - Parameters:
    ///   - application: The process; from now on it enqueues by this.
    ///   - processor: Its tasks.
    ///   - site: Where jobs are, and what runs them.
    /// - Throws: `ConfigurationRefused`.
    package init(_ application: HeroApplication, _ processor: TaskProcessor, _ site: Site) throws {
        (self.application, self.site) = (application, site)
        settings = application.core.tasks
        do throws(RedisError) {
            let keys = try JobKeys(namespace: settings.namespace, isCluster: site.isCluster)
            store = JobStore(site.client, keys)
        } catch { throw application.configuration.refusal(of: "tasks.namespace", error.message) }
        runner = TaskJobRunner(processor, store, application)
        service = JobService(.success(store), processor, sharesServer: site.sharesServer, log: application.log)
        application.install(service)
    }

    /// For a process that has no jobs, since it has no Redis, or a namespace that cannot be used there: whoever enqueues is
    /// told so.
    package static func refuse(
        in application: HeroApplication, _ processor: TaskProcessor, _ reason: (any Error)? = nil
    ) {
        application.install(
            JobService(
                .failure(reason ?? JobFaults.disabled), processor, sharesServer: false, log: application.log))
    }

    /// Whether the application has to do with jobs: then a configuration that keeps it from them is refused.
    package static func areUsed(by application: HeroApplication, _ processor: TaskProcessor) -> Bool {
        let tasks = application.core.tasks
        return tasks.hasWorkers || tasks.scheduler || processor.registry.all.contains { !$0.isBuiltIn }
    }

    // MARK: Life

    package func start() async throws {
        guard settings.hasWorkers else { return }
        let level = LogLevel(name: settings.workerLogging.start) ?? .info
        let log = application.log
        var worker = WorkerSettings()
        worker.lease = settings.lease * 1_000_000
        let machine = WorkerMachine(
            settings: worker, queues: QueueOrder(settings.queues), seed: UInt64.random(in: 0 ... .max))
        let process = TaskProcess(onHost: HostName.current)
        let workers = TaskWorkers(
            store, runner, machine: machine, identity: process.identity(queues: machine.queues.text), on: site.loop,
            note: { note in WorkerNotes.write(note, to: log) })
        let reaper = TaskReaper(
            store, process, allowance: allowance, on: site.loop, own: { workers.ownOwners },
            note: { note in WorkerNotes.write(note, to: log) })
        state.withLock { ($0.workers, $0.reaper) = (workers, reaper) }
        workers.start()
        reaper.start()
        workers.resize(to: max(settings.minTaskProcessors, settings.maxTaskProcessors))
        log.write(
            level: level, message: "[ worker ] started",
            data: [
                ("workerId", .string("\(workers.identity.name)+1")),
                ("queues", .string(settings.queues.joined(separator: ","))),
            ])
    }

    private var allowance: CrashAllowance {
        var allowance = CrashAllowance()
        allowance.crashes = settings.crashLimit
        return allowance
    }

    /// The master has seen a process of this machine end.
    package func died(pid: Int, start: Int?, number: Int?) {
        state.withLock { $0.reaper }?.died(pid: pid, start: start, number: number)
    }

    package func takeNothingNew(_ plan: StopPlan) {
        guard let (workers, reaper) = state.withLock({ state in state.workers.map { ($0, state.reaper) } }) else {
            return
        }
        runner.beginEnding()
        let whole = min(plan.limits.totalMilliseconds ?? .max, site.stopLimit)
        let limit = min(settings.stopTimeout, max(0, whole - Self.farewell))
        // Awaited by `stop(_:)`.
        let stopping = Task { [application] in
            await reaper?.stop()
            let isClean = await workers.stop(within: limit)
            if !isClean {
                application.log.write(
                    level: .warning, message: "jobs are left to other processes, which take them when the lease ends",
                    data: [])
            }
        }
        state.withLock { $0.stopping = stopping }
    }

    package func stop(_ plan: StopPlan) async {
        guard let stopping = state.withLock({ $0.stopping }) else { return }
        await stopping.value
        application.log.write(
            level: LogLevel(name: settings.workerLogging.end) ?? .info, message: "[ worker ] ended", data: [])
    }
}
