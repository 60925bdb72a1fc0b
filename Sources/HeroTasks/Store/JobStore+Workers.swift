// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroRedis
package import HeroSystem

// What other programs see of us; informational, so its calls are plain and may be lost.
extension JobStore {
    /// Workers begin, as node-resque's do.
    package func register(_ workers: [RegisteredWorker], at time: WallTime) async throws(RedisError) {
        guard !workers.isEmpty else { return }
        let names = workers.map { RedisArgument($0.registration) }
        var commands = [command(["SADD", keys.workers] + names)]
        for worker in workers {
            commands.append(
                command("SET", keys.started(worker.registration), RedisArgument(time.milliseconds / 1000)))
            commands.append(ping(worker, at: time))
        }
        try await sendAll(commands)
    }

    /// Says that workers are alive.
    package func ping(_ workers: [RegisteredWorker], at time: WallTime) async throws(RedisError) {
        try await sendAll(workers.map { ping($0, at: time) })
    }

    private func ping(_ worker: RegisteredWorker, at time: WallTime) -> RedisCommand {
        command(
            "SET", keys.ping(worker.name),
            RedisArgument(WorkerRecord.ping(worker, seconds: time.milliseconds / 1000)))
    }

    /// Writes what workers work on, and removes what they do not any more.
    ///
    /// - Parameters:
    ///   - working: Jobs with the time of their beginning.
    ///   - idle: Workers whose job has ended.
    /// - Throws: ``RedisError``.
    package func record(
        working: [(worker: RegisteredWorker, job: HeldJob, start: WallTime)], idle: [RegisteredWorker]
    ) async throws(RedisError) {
        var commands = working.map { worker, job, start in
            command(
                "SET", keys.worker(worker.registration), RedisArgument(WorkerRecord.job(job, worker.name, start)))
        }
        if !idle.isEmpty { commands.append(command(["DEL"] + idle.map { keys.worker($0.registration) })) }
        try await sendAll(commands)
    }

    /// Adds to the counters of workers.
    package func count(
        _ counts: [(worker: String, processed: Int, failed: Int)]
    ) async throws(RedisError) {
        var commands: [RedisCommand] = []
        for (worker, processed, failed) in counts {
            for (name, number) in [("processed", processed), ("failed", failed)] where number > 0 {
                commands.append(
                    command("INCRBY", keys.stat(name, worker), RedisArgument(number), isRepeatable: false))
            }
        }
        try await sendAll(commands)
    }

    /// Workers have ended: all their keys go.
    package func unregister(_ workers: [RegisteredWorker]) async throws(RedisError) {
        guard !workers.isEmpty else { return }
        var commands = [command(["SREM", keys.workers] + workers.map { RedisArgument($0.registration) })]
        for worker in workers {
            commands.append(
                command(
                    "DEL", keys.ping(worker.name), keys.worker(worker.registration),
                    keys.started(worker.registration), keys.stat("failed", worker.name),
                    keys.stat("processed", worker.name)))
        }
        try await sendAll(commands)
    }

    /// Workers of a process that is gone: those whose names begin with `<host>:<pid>+`.
    package func unregister(host: String, process: Int) async throws(RedisError) {
        let prefix = "\(host):\(process)+"
        try await unregister(try await QueueAPI(self).workers().filter { $0.name.hasPrefix(prefix) })
    }

    private func sendAll(_ commands: [RedisCommand]) async throws(RedisError) {
        guard !commands.isEmpty else { return }
        for result in await client.send(commands) { _ = try result.get() }
    }

    /// Waits until there is a job in a queue; takes none.
    ///
    /// - Parameters:
    ///   - queue: Its name.
    ///   - milliseconds: How long, more than 0.
    /// - Returns: Whether there is one.
    /// - Throws: ``RedisError``; also from a Redis that is full, which refuses to wait.
    package func waitForJob(in queue: String, milliseconds: Int) async throws(RedisError) -> Bool {
        let seconds = "\(max(1, milliseconds) / 1000).\(String(1000 + max(1, milliseconds) % 1000).dropFirst())"
        let reply = try await client.sendBlocking(
            RedisCommand(
                "BLMOVE", keys.queue(queue), keys.queue(queue), "LEFT", "LEFT", RedisArgument(seconds),
                isRepeatable: true))
        return !reply.isNull
    }

    /// Says that an owner waits, so that not all of many wake up for one job.
    ///
    /// - Parameters:
    ///   - owner: Who.
    ///   - milliseconds: For how long.
    /// - Returns: How many others wait.
    /// - Throws: ``RedisError``.
    package func enterIdle(_ owner: String, milliseconds: Int) async throws(RedisError) -> Int {
        let now = try await time()
        let results = await client.send([
            command("ZREMRANGEBYSCORE", keys.idle, "-inf", RedisArgument(now)),
            command("ZADD", keys.idle, RedisArgument(now + milliseconds), RedisArgument(owner)),
            command("ZCARD", keys.idle),
        ])
        guard results.count == 3 else { throw Self.unexpected("a pipeline") }
        return max(0, (try results[2].get().integer ?? 1) - 1)
    }

    package func leaveIdle(_ owner: String) async throws(RedisError) {
        _ = try await client.send(command("ZREM", keys.idle, RedisArgument(owner)))
    }
}
