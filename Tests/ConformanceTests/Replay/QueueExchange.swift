// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroRedis
import HeroSystem
import HeroTasks
import HeroTestSupport
import NIOCore
import NIOPosix

/// One recorded operation on queues: what Redis held before is worked out from what it held afterwards.
///
/// What depends on the declaration of a task, its queue and plugins, is given here.
struct QueueExchange: Exchange {
    private let recording: Recording
    private let masks: Masks
    private let operation: String
    private let arguments: [JSON]
    private let after: QueueDump

    init(_ recording: Recording) throws {
        self.recording = recording
        masks = Masks(recording.volatile).adding("unix-seconds")
        guard let call = recording.request.objectValue?.first(where: { $0.name.hasPrefix("task.") }),
            let arguments = call.value.arrayValue
        else { throw Recording.Malformed(topic: recording.topic, member: "request") }
        operation = String(call.name.dropFirst(5))
        self.arguments = arguments
        after = QueueDump(recording.response["redisKeysAfter"]?.objectValue ?? [:])
    }

    var recorded: [(field: String, value: String)] {
        fields(recording.response["result"], recording.response["thrown"]?.stringValue, after)
    }

    func replay() async throws -> [Difference] {
        let server = try await RedisServer(.socket)
        let client = StandaloneClient(
            RedisConnectionSettings(.unix(path: server.socketPath)), on: NIOSingletons.posixEventLoopGroup.next())
        let differences: Result<[Difference], any Error>
        do { differences = .success(try await replay(client)) } catch { differences = .failure(error) }
        await client.close()
        return try differences.get()
    }

    private func replay(_ client: StandaloneClient) async throws -> [Difference] {
        try await before.write(to: client)
        var (result, thrown): (JSON?, String?)
        do {
            result = try await run(QueueAPI(JobStore(client, JobKeys(namespace: "resque", isCluster: false))))
        } catch let refusal as QueueRefusal { thrown = "Error: \(refusal)" }
        return Difference.between(recorded, fields(result, thrown, try await QueueDump(from: client)))
    }

    private func fields(_ result: JSON?, _ thrown: String?, _ dump: QueueDump) -> [(field: String, value: String)] {
        var fields: [(field: String, value: String)] = []
        if let result, thrown == nil { fields.append(("result", masks.apply(sorted(result).text()))) }
        if let thrown { fields.append(("thrown", thrown)) }
        return fields + dump.fields(masks)
    }

    /// Redis gives names in no order.
    private func sorted(_ result: JSON) -> JSON {
        guard let object = result.objectValue else { return result }
        var sorted = JSON.Object()
        for name in object.names.sorted() { sorted[name] = object[name].map(self.sorted) }
        return .object(sorted)
    }

    // MARK: Before

    private func text(_ index: Int) -> String { arguments.count > index ? arguments[index].stringValue ?? "" : "" }
    private func inputs(_ index: Int) -> JSON { arguments.count > index ? arguments[index] : .null }

    /// All tasks of the recordings have this one.
    private func queue(_ index: Int) -> String { text(index).isEmpty ? "high" : text(index) }

    private func job(_ task: String, _ queue: String, _ inputs: JSON) -> String {
        String(decoding: JobPayload(task: task, queue: queue, inputs: inputs).bytes, as: UTF8.self)
    }

    private var lock: String { PluginKeys.lock(text(0), "high", [inputs(1)]) }

    /// What has to be there for the operation to do what it did.
    private var before: QueueDump {
        var before = after
        let result = recording.response["result"]
        switch operation {
        case "enqueue":
            if text(0) == "fxLocked" { before.entries["resque:\(lock)"] = nil }
            guard result == true else { break }
            before.removeLast(job(text(0), queue(2), inputs(1)), of: "resque:queue:\(queue(2))")
        case "enqueueAt" where result == true:
            before.setScheduled(job(text(1), queue(3), inputs(2)), ((arguments[0].intValue ?? 0) + 500) / 1000, false)
        case "enqueueIn":
            let name = after.entries.names.first { $0 == "resque:timestamps:" + job(text(1), queue(3), inputs(2)) }
            let moment = name.flatMap { after[$0]?[0]?.stringValue }?.split(separator: ":").last.flatMap { Int($0) }
            if let moment { before.setScheduled(job(text(1), queue(3), inputs(2)), moment, false) }
        case "del":
            let jobs = Array(repeating: job(text(1), text(0), inputs(2)), count: result?.intValue ?? 0)
            before.insertFirst(jobs, into: "resque:queue:\(text(0))")
        case "delByFunction":
            before.insertFirst([job(text(1), text(0), ["a": 1])], into: "resque:queue:\(text(0))")
        case "delDelayed":
            for moment in result?.arrayValue?.compactMap(\.intValue) ?? [] {
                before.setScheduled(job(text(1), text(0), inputs(2)), moment, true)
            }
        default: break
        }
        return before
    }

    // MARK: The operation

    private func run(_ api: QueueAPI) async throws -> JSON? {
        switch operation {
        case "enqueue":
            var options = EnqueueOptions()
            if text(0) == "fxLocked" { (options.queueLock, options.refusesDelayed) = ((lock, 3600), true) }
            return .bool(try await api.enqueue(text(0), inputs(1), queue: queue(2), options) == .enqueued)
        case "enqueueAt", "enqueueIn":
            let (time, isSuppressed) = (arguments[0].intValue ?? 0, inputs(4) == true)
            let answer =
                operation == "enqueueAt"
                ? try await api.enqueueAt(time, text(1), inputs(2), queue: queue(3))
                : try await api.enqueueIn(time, text(1), inputs(2), queue: queue(3))
            if answer == .duplicate, !isSuppressed { throw QueueRefusal.duplicate }
            return answer == .enqueued ? true : .null
        case "del":
            return .integer(try await api.del(text(0), text(1), inputs(2), count: inputs(3).intValue ?? 0))
        case "delByFunction": return .integer(try await api.delByFunction(text(0), text(1)))
        case "delDelayed": return .array(try await api.delDelayed(text(0), text(1), inputs(2)).map { .integer($0) })
        case "scheduledAt": return .array(try await api.scheduledAt(text(0), text(1), inputs(2)).map { .integer($0) })
        case "timestamps": return .array(try await api.timestamps().map { .integer($0) })
        case "allDelayed":
            var all = JSON.Object()
            for (moment, jobs) in try await api.allDelayed() {
                all[String(moment)] = .array(try jobs.map { try JSON(parsing: $0) })
            }
            return .object(all)
        case "queued":
            let jobs = try await api.queued(text(0), inputs(1).intValue ?? 0, inputs(2).intValue ?? 0)
            return .array(try jobs.map { try JSON(parsing: $0) })
        case "details": return try await api.details()
        case "locks": return named(try await api.locks())
        case "stats": return named(try await api.stats().map { ($0.name, $0.value) })
        case "delLock": return .integer(try await api.delLock(text(0)))
        case "allWorkingOn":
            return .object(
                try await api.allWorkingOn().reduce(into: [:]) { $0[$1.worker] = QueueAPI.record($1.record) })
        case "removeFailed": return .integer(try await api.removeFailed(Array(inputs(0).text().utf8)))
        case "retryAndRemoveFailed":
            try await api.retryAndRemoveFailed(Array(inputs(0).text().utf8))
            return nil
        case "cleanOldWorkers":
            let cleaned = try await api.cleanOldWorkers(age: 1, by: "h", now: WallTime(milliseconds: 0))
            return cleaned.isEmpty ? [:] : nil
        default: throw Recording.Malformed(topic: recording.topic, member: operation)
        }
    }

    private func named(_ values: [(key: String, value: String)]) -> JSON {
        .object(values.reduce(into: [:]) { $0[$1.key] = .string($1.value) })
    }
}
