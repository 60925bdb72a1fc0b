// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroRedis

/// An owner as `leases` and `owners` have it.
package struct OwnerRecord: Sendable, Hashable {
    package let owner: String
    /// Milliseconds of Redis' clock; 0 while a reap is under way, `nil` without a lease.
    package let deadline: Int?
    /// What it said of itself when it started, as JSON; `nil` for one that nobody knows of.
    package let who: [UInt8]?
    /// When it ended, if it did, ms.
    package let gone: Int?
}

/// A job that a reaper gives back.
package struct ReapedJob: Sendable, Hashable {
    package let number: Int
    package let queue: String
    /// For `failed`, if it is given up.
    package let entry: [UInt8]
    package let member: BatchMember?

    package init(number: Int, queue: String, entry: [UInt8], member: BatchMember? = nil) {
        self.number = number
        self.queue = queue
        self.entry = entry
        self.member = member
    }
}

/// What a reaper knows and allows.
package struct ReapOrder: Sendable, Hashable {
    package var owner: String
    /// Whether the process is known to be gone, whatever its lease says.
    package var isProven = false
    /// The number of the job that crashed it, where the crash handler knows it.
    package var culprit: Int?
    package var crashesAllowed = 3
    /// Milliseconds after which a crash is forgotten.
    package var window = 72 * 3_600_000

    package init(owner: String) { self.owner = owner }
}

// What others do for an owner that is gone.
extension JobStore {
    /// All owners that have a lease or a record, and Redis' time in milliseconds.
    package func owners() async throws(RedisError) -> (owners: [OwnerRecord], now: Int) {
        let results = await client.send([
            command("ZRANGE", keys.leases, 0, -1, "WITHSCORES"), command("HGETALL", keys.owners), command("TIME"),
        ])
        guard results.count == 3 else { throw Self.unexpected("a pipeline") }
        var deadlines: [String: Int] = [:]
        for (owner, score) in Self.pairs(try results[0].get()) {
            if let name = owner.text { deadlines[name] = score.text.flatMap(Double.init).map { Int($0) } ?? 0 }
        }
        var records: [OwnerRecord] = []
        for (name, value) in Self.pairs(try results[1].get()) {
            guard let owner = name.text, let bytes = value.bytes else { continue }
            let text = String(decoding: bytes, as: UTF8.self)
            let gone = text.hasPrefix("gone ") ? Int(text.dropFirst(5)) : nil
            records.append(
                OwnerRecord(
                    owner: owner, deadline: deadlines.removeValue(forKey: owner), who: gone == nil ? bytes : nil,
                    gone: gone))
        }
        records += deadlines.map { OwnerRecord(owner: $0.key, deadline: $0.value, who: nil, gone: nil) }
        return (records, try Self.milliseconds(results[2].get()))
    }

    /// Redis' time in milliseconds, by which everything here goes.
    package func time() async throws(RedisError) -> Int {
        try Self.milliseconds(await client.send(command("TIME")))
    }

    static func milliseconds(_ time: RESPValue) throws(RedisError) -> Int {
        guard let parts = time.elements, parts.count == 2, let seconds = parts[0].integer,
            let microseconds = parts[1].integer
        else { throw unexpected("TIME") }
        return seconds * 1000 + microseconds / 1000
    }

    static func pairs(_ value: RESPValue) -> [(RESPValue, RESPValue)] {
        let elements = value.elements ?? []
        return stride(from: 0, to: elements.count - 1, by: 2).map { (elements[$0], elements[$0 + 1]) }
    }

    /// Numbers of what an owner holds, at most 1,000, in order.
    package func heldNumbers(_ owner: String) async throws(RedisError) -> [Int] {
        let fields = try await client.send(command("HKEYS", keys.held(owner))).elements ?? []
        // Beside the numbers of jobs there are `#` and `!`.
        return fields.compactMap(\.integer).sorted()
    }

    /// What an owner holds, by number.
    package func held(_ owner: String) async throws(RedisError) -> [HeldJob] {
        try await held(owner, try await heldNumbers(owner)).jobs
    }

    /// Some of what an owner holds.
    ///
    /// - Parameters:
    ///   - owner: Who.
    ///   - numbers: Of which jobs, in the order of what matters most.
    ///   - most: Bytes after which the rest is left out; the first one always comes.
    /// - Returns: The jobs in the order of their numbers, and how many of the numbers were looked at.
    /// - Throws: ``RedisError``.
    package func held(
        _ owner: String, _ numbers: [Int], most: Int = .max
    ) async throws(RedisError) -> (jobs: [HeldJob], count: Int) {
        let values = try await fields(numbers.map { RedisArgument($0) }, of: keys.held(owner), most: most)
        let jobs = zip(numbers, values).compactMap { number, value -> HeldJob? in
            value.flatMap { PackedJob($0) }.map { HeldJob(number: number, queue: $0.queue, payload: $0.payload) }
        }
        return (jobs.sorted { $0.number < $1.number }, values.count)
    }

    /// Gives jobs of an owner back, or gives them up: at most ``JobScripts/mostJobs`` a call, those of the highest numbers.
    package func reap(_ order: ReapOrder, _ jobs: [ReapedJob]) async throws(RedisError) -> ReapAnswer {
        try Self.check(jobs.count)
        var words = JobWords(
            keys: [
                keys.leases, keys.held(order.owner), keys.attempts, keys.kept, keys.dead, keys.failed,
                keys.stat("failed"), keys.owners, keys.endedBatches,
            ], names: keys)
        words.arguments = [
            RedisArgument(order.owner), order.isProven ? "1" : "0", order.culprit.map { RedisArgument($0) } ?? "",
            RedisArgument(order.crashesAllowed), RedisArgument(order.window),
        ]
        // Highest number first: each goes to the head, so the lowest ends up there.
        for job in jobs.sorted(by: { $0.number > $1.number }) {
            let (queue, member) = (words.queue(job.queue), words.member(job.member))
            words.arguments += [RedisArgument(job.number), RedisArgument(queue), RedisArgument(job.entry), member]
        }
        let value = try await call(ScriptCall(JobScripts.reap, keys: words.keys, words.arguments))
        guard let numbers = value.elements?.compactMap(\.integer), let left = numbers.first else {
            throw Self.unexpected("reap")
        }
        return left < 0 ? .alive : .reaped(left: left, givenUp: Array(numbers.dropFirst()))
    }

    /// One reaper at a time, which only saves work: what is right is in the script.
    ///
    /// - Parameters:
    ///   - name: Whoever takes the lock.
    ///   - milliseconds: How long it is kept.
    /// - Returns: Whether it was free.
    /// - Throws: ``RedisError``.
    package func takeReaperLock(_ name: String, milliseconds: Int) async throws(RedisError) -> Bool {
        let words: [RedisArgument] = [
            "SET", keys.reaper, RedisArgument(name), "NX", "PX", RedisArgument(milliseconds),
        ]
        return try await !client.send(command(words)).isNull
    }

    /// Owners that hold jobs and that nobody knows of, for the sweep: all keys of this namespace are looked through.
    package func unknownHolders() async throws(RedisError) -> [String] {
        let prefix = keys.held("").bytes + [UInt8(ascii: ":")]
        var found: Set<String> = []
        for try await key in client.scan(matching: JobKeys.literal(prefix) + "*", type: "hash") {
            found.insert(String(decoding: key.dropFirst(prefix.count), as: UTF8.self))
        }
        guard !found.isEmpty else { return [] }
        let names = found.sorted()
        let known = try await client.send(command(["HMGET", keys.owners] + names.map { RedisArgument($0) }))
        return zip(names, known.elements ?? []).filter { $1.isNull }.map(\.0)
    }
}
