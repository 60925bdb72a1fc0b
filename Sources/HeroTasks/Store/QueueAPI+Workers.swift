// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
package import HeroRedis
package import HeroSystem

/// A worker as `workers` has it: one slot of a process, ours or another program's.
package struct RegisteredWorker: Sendable, Hashable {
    /// `<host>:<pid>+<n>`, or whatever the other program calls itself.
    package let name: String
    /// Joined by commas.
    package let queues: String

    package init(name: String, queues: String) {
        self.name = name
        self.queues = queues
    }

    /// A host may have colons in its name, and so may queues.
    ///
    /// The process is the first part behind a colon that has a slot, `<pid>+<n>`, or, if there is none, that is a number.
    init(_ registration: String) {
        let parts = registration.split(separator: ":", omittingEmptySubsequences: false)
        func process(slots: Int) -> Int? {
            parts.indices.dropFirst().first { index in
                let numbers = parts[index].split(separator: "+", omittingEmptySubsequences: false)
                return numbers.count == slots && numbers.allSatisfy { UInt($0) != nil }
            }
        }
        let process = process(slots: 2) ?? process(slots: 1)
        let end = process ?? min(1, parts.count - 1)
        name = parts[...end].joined(separator: ":")
        queues = parts[(end + 1)...].joined(separator: ":")
    }

    package var registration: String { queues.isEmpty ? name : name + ":" + queues }
}

/// What became of a worker that was cleaned up.
package struct CleanedWorker: Sendable, Hashable {
    package let name: String
    /// The entry for the job that it had, if any.
    package let entry: [UInt8]?
    /// Whether its queues were known.
    package let isKnown: Bool
}

extension QueueAPI {
    /// All workers, by name.
    package func workers() async throws(RedisError) -> [RegisteredWorker] {
        let members = try await client.send(store.command("SMEMBERS", keys.workers))
        return (members.elements ?? []).compactMap(\.text).map { RegisteredWorker($0) }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    /// The record of what a worker works on; `nil` when it is idle.
    package func workingOn(_ name: String, queues: String) async throws(RedisError) -> [UInt8]? {
        try await client.send(record(of: RegisteredWorker(name: name, queues: queues).registration)).bytes
            .flatMap { $0.isEmpty ? nil : $0 }
    }

    /// What all workers work on; `nil` for idle ones, which the reference calls `started`.
    package func allWorkingOn() async throws(RedisError) -> [(worker: String, record: [UInt8]?)] {
        let all = try await workers()
        let results = await client.send(all.map { record(of: $0.registration) })
        var found: [(String, [UInt8]?)] = []
        for (worker, result) in zip(all, results) {
            let bytes = try result.get().bytes ?? []
            found.append((worker.name, bytes.isEmpty ? nil : bytes))
        }
        return found
    }

    /// Other programs write records of any length, which no reply could carry.
    private func record(of registration: String) -> RedisCommand {
        store.command("GETRANGE", keys.worker(registration), 0, RedisArgument(JobStore.longestElement - 1))
    }

    /// Counters, as `processed`, `failed`, `processed:<worker>` and so on.
    package func stats() async throws(RedisError) -> [(name: String, value: String)] {
        let prefix = Array("\(keys.namespace):stat:".utf8)
        var names: Set<ByteKey> = []
        for try await key in client.scan(matching: JobKeys.literal(prefix) + "*") {
            names.insert(ByteKey(String(decoding: key.dropFirst(prefix.count), as: UTF8.self)))
        }
        let sorted = names.map(\.text).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let results = await client.send(sorted.map { store.command("GET", keys.stat($0)) })
        var found: [(String, String)] = []
        for (name, result) in zip(sorted, results) {
            if let value = try result.get().text { found.append((name, value)) }
        }
        return found
    }

    /// Removes what a worker that is gone has left, and puts its job into `failed`; safe to repeat.
    ///
    /// - Parameters:
    ///   - name: The worker's name.
    ///   - host: Who does it, for the entry.
    ///   - time: When, for the entry.
    /// - Returns: What was found.
    /// - Throws: ``RedisError``.
    package func forceCleanWorker(
        _ name: String, by host: String, at time: WallTime
    ) async throws(RedisError) -> CleanedWorker {
        let worker = try await workers().first { $0.name.isSame(as: name) }
        let registration = worker?.registration ?? name
        var (entry, isWhole): ([UInt8]?, Bool) = (nil, true)
        if let record = try await workingOn(name, queues: worker?.queues ?? "") {
            entry = Self.timeoutEntry(record, worker: name, host, time)
            isWhole = record.count < JobStore.longestElement
        }
        var commands = [store.command("INCR", keys.stat("failed"), isRepeatable: false)]
        if let entry {
            commands.append(store.command("RPUSH", keys.failed, RedisArgument(entry), isRepeatable: false))
        }
        // What adds comes first. The reference leaves the record of the job behind.
        commands += [
            store.command("DEL", keys.stat("failed", name), keys.stat("processed", name)),
            store.command("DEL", keys.ping(name), keys.started(registration)),
            store.command("SREM", keys.workers, RedisArgument(registration)),
        ]
        // A record that is too long to be read is the only place where its job is.
        if isWhole { commands.append(store.command("DEL", keys.worker(registration))) }
        for case .error(let message) in try await client.transaction(commands) { throw RedisError(.refused, message) }
        return CleanedWorker(name: name, entry: entry, isKnown: worker != nil)
    }

    private static func timeoutEntry(
        _ record: [UInt8], worker: String, _ host: String, _ time: WallTime
    ) -> [UInt8] {
        let json = try? JSON(parsing: record)
        let reason = "Worker Timeout (killed manually)"
        return FailureEntry(
            worker: worker, queue: json?["queue"]?.stringValue ?? "",
            payload: json?["payload"].map { jobBytes($0, in: record) } ?? record,
            exception: reason, message: reason,
            backtrace: [
                "killed by \(host) at \(JavaScriptDate.text(time))", "queue#forceCleanWorker", "node-resque",
            ], time: time
        ).bytes
    }

    /// Cleans up after workers whose job has run for longer than an age.
    ///
    /// - Parameters:
    ///   - age: Milliseconds.
    ///   - host: Who does it, for entries.
    ///   - now: The time.
    /// - Returns: Those that were cleaned up.
    /// - Throws: ``RedisError``.
    package func cleanOldWorkers(
        age: Int, by host: String, now: WallTime
    ) async throws(RedisError) -> [CleanedWorker] {
        var cleaned: [CleanedWorker] = []
        for (name, record) in try await allWorkingOn() {
            guard let record, let text = (try? JSON(parsing: record))?["run_at"]?.stringValue,
                let start = JavaScriptDate.milliseconds(text), now.milliseconds - start > age
            else { continue }
            cleaned.append(try await forceCleanWorker(name, by: host, at: now))
        }
        return cleaned
    }

    /// Cleans up after workers of all programs whose ping is older than an age, as node-resque's leader does.
    ///
    /// - Parameters:
    ///   - age: Milliseconds.
    ///   - host: Who does it, for entries.
    ///   - now: The time.
    /// - Returns: Those that were cleaned up, with the seconds since their last ping.
    /// - Throws: ``RedisError``.
    package func cleanStuckWorkers(
        age: Int, by host: String, now: WallTime
    ) async throws(RedisError) -> [(worker: CleanedWorker, delta: Int)] {
        var pings: [[UInt8]] = []
        let prefix = Array("\(keys.namespace):worker:ping:".utf8)
        for try await key in client.scan(matching: JobKeys.literal(prefix) + "*") { pings.append(key) }
        var cleaned: [(CleanedWorker, Int)] = []
        for key in pings {
            guard let bytes = try await client.send(store.command("GET", RedisArgument(key))).bytes,
                let ping = try? JSON(parsing: bytes), let seconds = ping["time"]?.intValue,
                let name = ping["name"]?.stringValue
            else { continue }
            let delta = now.milliseconds / 1000 - seconds
            guard delta * 1000 > age else { continue }
            cleaned.append((try await forceCleanWorker(name, by: host, at: now), delta))
        }
        return cleaned
    }
}
