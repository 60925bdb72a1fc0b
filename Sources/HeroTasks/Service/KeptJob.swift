// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroRedis
internal import HeroRuntime
internal import HeroSystem

/// A job that waits in a file until Redis is there, with all that was decided when it was accepted.
struct KeptJob: Sendable {
    let task: String
    let queue: String
    let inputs: JSON
    /// Unix time in milliseconds for one that is delayed.
    let at: Int?
    /// With an idempotency key in any case: who has sent it and does not know, sends it again.
    let options: EnqueueOptions
    /// When it was accepted, ms.
    let since: Int

    /// Milliseconds for which Redis knows that it has a job; after that one that was sent twice may run twice.
    static let memory = 86_400_000

    init(_ entry: EnqueueEntry, now: Int) {
        (task, queue, inputs) = (entry.job.record.name, entry.job.queue, .object(entry.job.inputs))
        at =
            switch entry.job.start {
            case .now: nil
            case .after(let milliseconds): now + milliseconds
            case .at(let milliseconds): milliseconds
            }
        var options = entry.options
        if options.unique == nil { options.unique = ("kept:\(UUID4.random().text)", Self.memory) }
        self.options = options
        since = now
    }

    /// Puts it into its queue; once, however often it is done.
    func send(_ api: QueueAPI) async throws -> EnqueueAnswer {
        var options = options
        // It was good for so long from then on.
        if let expires = options.expiresAfter, at == nil {
            options.expiresAfter = max(1, expires - max(0, WallTime.now.milliseconds - since))
        }
        if let at { return try await api.enqueueAt(at, task, inputs, queue: queue, options) }
        return try await api.enqueue(task, inputs, queue: queue, options)
    }

    // MARK: In the file

    var bytes: [UInt8] {
        var object: JSON.Object = [
            "task": .string(task), "queue": .string(queue), "since": .integer(since), "inputs": inputs,
        ]
        object["at"] = at.map { .integer($0) }
        if let (key, time) = options.unique { object["unique"] = [.string(key), .integer(time)] }
        object["expires"] = options.expiresAfter.map { .integer($0) }
        object["id"] = options.tag.id.map { .string($0) }
        object["keeps"] = .integer(options.keepsStatusFor)
        if let (key, time) = options.queueLock { object["lock"] = [.string(key), .integer(time)] }
        if options.refusesDelayed { object["refusesDelayed"] = true }
        if let (count, time) = options.replicas { object["replicas"] = [.integer(count), .integer(time)] }
        return Array(JSON.object(object).text().utf8)
    }

    /// - Returns: `nil` for what another version of hero has written in another way.
    init?(bytes: [UInt8]) {
        guard let json = try? JSON(parsing: bytes), let task = json["task"]?.stringValue,
            let queue = json["queue"]?.stringValue, let inputs = json["inputs"], let since = json["since"]?.intValue
        else { return nil }
        (self.task, self.queue, self.inputs, self.since) = (task, queue, inputs, since)
        at = json["at"]?.intValue
        var options = EnqueueOptions()
        if let (key, time) = Self.pair(json["unique"]) { options.unique = (key, time) }
        options.expiresAfter = json["expires"]?.intValue
        if let id = json["id"]?.stringValue { options.tag = JobTag(id: id) }
        if let keeps = json["keeps"]?.intValue { options.keepsStatusFor = keeps }
        if let (key, time) = Self.pair(json["lock"]) { options.queueLock = (key, time) }
        options.refusesDelayed = json["refusesDelayed"]?.boolValue ?? false
        if let replicas = json["replicas"]?.arrayValue?.compactMap(\.intValue), replicas.count == 2 {
            options.replicas = (replicas[0], replicas[1])
        }
        self.options = options
    }

    private static func pair(_ json: JSON?) -> (String, Int)? {
        guard let parts = json?.arrayValue, parts.count == 2, let key = parts[0].stringValue,
            let number = parts[1].intValue
        else { return nil }
        return (key, number)
    }
}

extension RedisError {
    /// Whether the job is there, and on fewer replicas than were asked for.
    var isNotReplicated: Bool { message.hasPrefix(QueueAPI.notReplicated) }

    /// Whether the server is not there, or not able to take anything now: later it is.
    var isAbsence: Bool {
        switch kind {
        case .notSent: true
        // It is there, and has the job.
        case .connectionLost: !isNotReplicated
        case .refused: ["LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN"].contains(code)
        case .invalid, .cancelled: false
        }
    }
}
