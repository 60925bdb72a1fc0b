// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
package import HeroRedis
internal import HeroSystem

extension QueueAPI {
    /// Adds a job to the end of its queue.
    ///
    /// - Parameters:
    ///   - task: Its name.
    ///   - inputs: What it gets.
    ///   - queue: Where it waits.
    ///   - options: Conditions and extras.
    /// - Returns: What became of it.
    /// - Throws: ``RedisError``; of kind `connectionLost` when nobody knows whether it is there. ``MalformedJob``.
    package func enqueue(
        _ task: String, _ inputs: JSON, queue: String, _ options: EnqueueOptions = EnqueueOptions()
    ) async throws -> EnqueueAnswer {
        let job = JobPayload(task: task, queue: queue, inputs: inputs, tag: options.tag)
        let bytes = try job.checkedBytes()
        Failpoint.reach("enqueue.before", client)
        defer { Failpoint.reach("enqueue.sent", client) }
        guard options.isPlain else {
            let value = try await reply(to: enqueueCall(bytes, queue, options), options.replicas)
            guard let answer = EnqueueAnswer(value.integer) else { throw JobStore.unexpected("enqueue") }
            return answer
        }
        try await send(plainCommands([(queue, bytes)]), options.replicas)
        return .enqueued
    }

    /// Adds many jobs in one round trip, each to the end of its queue, all of them or none.
    ///
    /// - Parameters:
    ///   - jobs: Without conditions; in their order.
    ///   - replicas: As ``EnqueueOptions/replicas``.
    /// - Throws: As ``enqueue(_:_:queue:_:)``.
    package func enqueue(
        _ jobs: [JobPayload], replicas: (count: Int, milliseconds: Int)? = nil
    ) async throws {
        guard !jobs.isEmpty else { return }
        var items: [(String, [UInt8])] = []
        for job in jobs {
            guard let queue = job.queue else { throw QueueRefusal("a queue is required for the task `\(job.task)`") }
            items.append((queue, try job.checkedBytes()))
        }
        Failpoint.reach("enqueue.before", client)
        defer { Failpoint.reach("enqueue.sent", client) }
        try await send(plainCommands(items), replicas)
    }

    private func send(
        _ commands: [RedisCommand], _ replicas: (count: Int, milliseconds: Int)?
    ) async throws(RedisError) {
        let replies = try await replies(to: commands, replicas)
        try Self.check(replies)
        // The first one has added queues: whoever works on all of them looks for new ones only once in a while.
        guard let added = replies.first?.integer, added > 0 else { return }
        _ = await client.send([store.command("PUBLISH", keys.queues, "")])
    }

    /// The commands of a plain enqueue, for a transaction of the caller's own.
    package func commands(for job: JobPayload) throws -> [RedisCommand] {
        guard let queue = job.queue else { throw QueueRefusal("a queue is required for the task `\(job.task)`") }
        return plainCommands([(queue, try job.checkedBytes())])
    }

    /// Queue by queue, in the order in which they first come up; a command has at most so many jobs.
    private func plainCommands(_ items: [(queue: String, bytes: [UInt8])]) -> [RedisCommand] {
        var (order, byQueue): ([ByteKey], [ByteKey: [[UInt8]]]) = ([], [:])
        for item in items {
            let key = ByteKey(item.queue)
            if byQueue[key] == nil { order.append(key) }
            byQueue[key, default: []].append(item.bytes)
        }
        var commands = [
            store.command(["SADD", keys.queues] + order.map { RedisArgument($0.text) }, isRepeatable: false)
        ]
        for queue in order {
            let bytes = byQueue[queue, default: []]
            for start in stride(from: 0, to: bytes.count, by: 1000) {
                let some = bytes[start..<min(start + 1000, bytes.count)]
                let head: [RedisArgument] = ["RPUSH", keys.queue(queue.text)]
                commands.append(store.command(head + some.map { RedisArgument($0) }, isRepeatable: false))
            }
        }
        return commands
    }

    private static func check(_ replies: [RESPValue]) throws(RedisError) {
        for case .error(let message) in replies { throw RedisError(.refused, message) }
    }

    func enqueueCall(_ bytes: [UInt8], _ queue: String, _ options: EnqueueOptions) -> ScriptCall {
        let none = keys.queues
        let extras = Extras(options, keys)
        return ScriptCall(
            JobScripts.enqueue,
            keys: [
                keys.queues, keys.queue(queue), options.unique.map { keys.unique($0.key) } ?? none, keys.deadlines,
                extras.job, extras.batch, extras.batchJobs, options.queueLock.map { keys.key($0.key) } ?? none,
                options.refusesDelayed ? keys.timestamps(bytes) : none,
            ],
            [
                RedisArgument(queue), RedisArgument(bytes), extras.unique, extras.expires, extras.keeps, extras.status,
                extras.member, options.queueLock.map { RedisArgument($0.seconds) } ?? "",
                options.refusesDelayed ? "1" : "",
            ],
            // With an idempotency key the second time changes nothing.
            isRepeatable: options.unique != nil)
    }

    /// Words that both ways of enqueueing have.
    struct Extras {
        let unique: RedisArgument
        let expires: RedisArgument
        let keeps: RedisArgument
        let status: RedisArgument
        let member: RedisArgument
        let job: RedisArgument
        let batch: RedisArgument
        let batchJobs: RedisArgument

        init(_ options: EnqueueOptions, _ keys: JobKeys) {
            unique = options.unique.map { RedisArgument(max(1, $0.milliseconds)) } ?? ""
            expires = options.expiresAfter.map { RedisArgument(max(1, $0)) } ?? ""
            keeps = options.tag.id == nil ? "" : RedisArgument(max(1, options.keepsStatusFor))
            status = options.tag.id == nil ? "" : RedisArgument(#"{"state":"queued"}"#)
            job = options.tag.id.map { keys.job($0) } ?? keys.queues
            let member = options.tag.member
            self.member = member.map { RedisArgument($0.id) } ?? ""
            batch = member.map { keys.batch($0.batch) } ?? keys.queues
            batchJobs = member.map { keys.batchJobs($0.batch) } ?? keys.queues
        }
    }
}
