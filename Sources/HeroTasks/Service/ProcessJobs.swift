// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroConfiguration
internal import HeroLog
package import HeroRedis
package import HeroRuntime
package import HeroSystem
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
    private let keeper: KeptJobs
    let processor: TaskProcessor
    /// This process, as others know it.
    let process: TaskProcess
    private let settings: TasksConfiguration
    private let state = Mutex(State())

    private struct State {
        var workers: TaskWorkers?
        var reaper: TaskReaper?
        /// Of other processes, before there is a reaper.
        var deaths: [(pid: Int32, job: JobMark?)] = []
        var scheduler: TaskScheduler?
        var starting: Task<Void, Never>?
        var following: Task<Void, Never>?
        var stopping: Task<Void, Never>?
    }

    /// What the rest of a stop needs after the last job, in milliseconds.
    private static let farewell = 4000
    private static let mostDeaths = 64

    /// - Parameters:
    ///   - application: The process; from now on it enqueues by this.
    ///   - processor: Its tasks.
    ///   - site: Where jobs are, and what runs them.
    /// - Throws: `ConfigurationRefused`.
    package init(_ application: HeroApplication, _ processor: TaskProcessor, _ site: Site) throws {
        (self.application, self.site, self.processor) = (application, site, processor)
        process = TaskProcess(onHost: HostName.current)
        settings = application.core.tasks
        do throws(RedisError) {
            let keys = try JobKeys(namespace: settings.namespace, isCluster: site.isCluster)
            store = JobStore(site.client, keys)
        } catch { throw application.configuration.refusal(of: "tasks.namespace", error.message) }
        runner = TaskJobRunner(processor, store, application)
        let (root, id, log, store) = (application.projectRoot, application.id, application.log, store)
        keeper = KeptJobs(
            KeptJobs.Place(
                directory: "\(root)/data/jobs", projectRoot: root, name: id, limit: settings.keepLimit),
            send: { try await JobService.deliver($0, store, log) }, note: { JobService.write($0, to: log) })
        service = JobService(
            .success(store), processor, sharesServer: site.sharesServer, log: log, keeper: keeper)
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
        await keeper.start()
        if settings.hasWorkers { startWorkers(try await service.queueProvider.queues()) }
        if settings.scheduler { try await startScheduler() }
    }

    private func startWorkers(_ provided: [String]?) {
        let (log, levels) = (application.log, settings.workerLogging)
        var rules = WorkerSettings()
        rules.lease = settings.lease * 1_000_000
        let machine = WorkerMachine(
            settings: rules, queues: QueueOrder(provided ?? settings.queues), seed: UInt64.random(in: 0 ... .max))
        let workers = TaskWorkers(
            store, runner, machine: machine, identity: process.identity(queues: machine.queues.text), on: site.loop,
            pingInterval: settings.timeout, board: application.boardSlot,
            note: { WorkerNotes.write($0, to: log, levels) })
        let reaper = TaskReaper(
            store, process, allowance: allowance, on: site.loop, own: { workers.ownOwners },
            note: { WorkerNotes.write($0, to: log) })
        let deaths = state.withLock { state in
            (state.workers, state.reaper) = (workers, reaper)
            defer { state.deaths = [] }
            return state.deaths
        }
        for death in deaths { reaper.died(pid: Int(death.pid), start: nil, job: death.job) }
        workers.start()
        reaper.start()
        let (provider, interval, application) = (service.queueProvider, settings.timeout, application)
        // Ended by `stop(_:)`.
        let following = Task { await provider.follow(from: provided, every: interval, workers, application.log) }
        state.withLock { $0.following = following }
        let pool = PoolMachine(
            minimum: settings.minTaskProcessors, maximum: settings.maxTaskProcessors,
            mostDelay: settings.maxEventLoopDelay * 1_000_000)
        let action = LogLevel(name: levels.multiWorkerAction) ?? .debug
        workers.scale(pool, every: settings.checkTimeout) { verb, delay in
            guard log.isEnabled(action) else { return }
            log.write(
                level: action,
                message: "[ multiworker ] checked for worker status: \(verb.rawValue) (event loop delay: \(delay)ms)",
                data: [])
        }
        log.write(
            level: LogLevel(name: levels.start) ?? .info, message: "[ worker ] started",
            data: [("workerId", .string(process.name)), ("queues", .string(machine.queues.text))])
    }

    private func startScheduler() async throws {
        var rules = TaskScheduler.Settings()
        rules.interval = settings.timeout
        rules.stuckWorkerTimeout = settings.stuckWorkerTimeout
        rules.retriesStuckJobs = settings.retryStuckJobs
        rules.mostDead = settings.deadLimit
        rules.allowance = allowance
        let schedule = ProjectSchedule(
            try RecurrentTasks.read(processor.registry), processor, store, application)
        let log = SchedulerLog(application)
        let scheduler = TaskScheduler(
            store, name: process.name, host: schedule, settings: rules, on: site.loop, note: { log.write($0) })
        // What was stopped must not run once more because nobody has looked yet.
        let starting = Task {
            await schedule.refresh()
            scheduler.start()
        }
        state.withLock { ($0.scheduler, $0.starting) = (scheduler, starting) }
    }

    private var allowance: CrashAllowance {
        var allowance = CrashAllowance()
        allowance.crashes = settings.crashLimit
        return allowance
    }

    package func died(pid: Int32, job: JobMark?) {
        let reaper = state.withLock { state in
            // Told to the reaper before it looks by itself.
            if state.reaper == nil { state.deaths = (state.deaths + [(pid, job)]).suffix(Self.mostDeaths) }
            return state.reaper
        }
        reaper?.died(pid: Int(pid), start: nil, job: job)
    }

    package var unfinished: [String] { runner.unfinished }

    package func takeNothingNew(_ plan: StopPlan) {
        let parts = state.withLock { $0 }
        guard parts.workers != nil || parts.scheduler != nil else { return }
        runner.beginEnding()
        let whole = min(plan.limits.totalMilliseconds ?? .max, site.stopLimit)
        let limit = min(settings.stopTimeout, max(0, whole - Self.farewell))
        // Awaited by `stop(_:)`.
        let stopping = Task { await self.stop(parts, within: limit) }
        state.withLock { $0.stopping = stopping }
    }

    // The limit is in milliseconds, for jobs that run.
    private func stop(_ parts: State, within limit: Int) async {
        parts.following?.cancel()
        await parts.starting?.value
        async let scheduled: Void? = parts.scheduler?.stop()
        async let reaped: Void? = parts.reaper?.stop()
        if let workers = parts.workers {
            if await !workers.stop(within: limit) {
                application.log.write(
                    level: .warning, message: "jobs are left to other processes, which take them when the lease ends",
                    data: [])
            }
            application.log.write(
                level: LogLevel(name: settings.workerLogging.end) ?? .info, message: "[ worker ] ended",
                data: [("workerId", .string(process.name))])
        }
        _ = await (scheduled, reaped)
    }

    package func stop(_ plan: StopPlan) async {
        await state.withLock { $0.stopping }?.value
        await keeper.stop()
    }
}
