// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
package import HeroRedis

/// Looks at all that jobs have in Redis, and changes nothing.
package struct QueueInspector: Sendable {
    let store: JobStore
    private var keys: JobKeys { store.keys }

    /// Delayed jobs are counted at so many moments; a million moments would take long.
    private static let mostMoments = 1000
    /// Bytes of a worker's record that are read.
    private static let mostRecord = 1 << 20
    /// Commands of one round trip.
    private static let batch = 500

    package init(_ store: JobStore) { self.store = store }

    /// - Parameter countsDelayed: Whether delayed jobs are counted; otherwise only the first one is looked for.
    /// - Returns: What is there now; of parts that change meanwhile each as it was when it was read.
    /// - Throws: ``RedisError``.
    package func snapshot(countsDelayed: Bool = true) async throws(RedisError) -> QueueSnapshot {
        var snapshot = QueueSnapshot(totals: try await totals())
        let replies = try await values([
            store.command("LLEN", keys.failed), store.command("ZCARD", keys.dead), store.command("ZCARD", keys.retry),
            store.command("ZRANGE", keys.retry, 0, 0, "WITHSCORES"), store.command("GET", keys.leaderLock),
            store.command("GET", keys.masterLock), store.command("GET", keys.looked),
        ])
        snapshot.failed = replies[0].integer ?? 0
        snapshot.dead = replies[1].integer ?? 0
        snapshot.retries = replies[2].integer ?? 0
        snapshot.nextRetry = Self.score(replies[3].elements?.last)
        snapshot.leader = replies[4].text ?? replies[5].text
        snapshot.earlier = Self.totals(replies[6].text ?? "")
        try await addDelayed(to: &snapshot, most: countsDelayed ? Self.mostMoments : 1)
        snapshot.workers = try await workers()
        snapshot.owners = try await owners()
        try await addQueues(to: &snapshot)
        return snapshot
    }

    /// Counters of all programs, and Redis' time.
    func totals() async throws(RedisError) -> QueueSnapshot.Totals {
        let replies = try await values([
            store.command("TIME"), store.command("GET", keys.stat("processed")),
            store.command("GET", keys.stat("failed")),
        ])
        return QueueSnapshot.Totals(
            time: try JobStore.milliseconds(replies[0]), processed: replies[1].integer ?? 0,
            failed: replies[2].integer ?? 0)
    }

    /// How many jobs have left their queues and are not counted among the done ones yet, or more.
    func taken() async throws(RedisError) -> Int { Self.taken(try await owners(), try await workers()) }

    /// Jobs are held, and a worker of another program says what it does as soon as it takes a job.
    private static func taken(_ owners: [QueueSnapshot.Owner], _ workers: [QueueSnapshot.Worker]) -> Int {
        owners.reduce(workers.count { $0.job != nil }) { $0 + $1.held }
    }

    private static func totals(_ text: String) -> QueueSnapshot.Totals? {
        let numbers = text.split(separator: " ").compactMap { Int($0) }
        guard numbers.count == 3 else { return nil }
        return QueueSnapshot.Totals(time: numbers[0], processed: numbers[1], failed: numbers[2])
    }

    /// How many jobs wait, by queue, sorted by the bytes of the names.
    func lengths() async throws(RedisError) -> [(name: [UInt8], length: Int)] {
        let names = (try await values([store.command("SMEMBERS", keys.queues)])[0].elements ?? [])
            .compactMap(\.bytes).sorted { $0.lexicographicallyPrecedes($1) }
        let lengths = await results(names.map { store.command("LLEN", keys.queue(bytes: $0)) })
        var found: [(name: [UInt8], length: Int)] = []
        // A key of another type is no reason to say nothing of the others.
        for (name, length) in zip(names, lengths) { found.append((name, try Self.unlessRefused(length)?.integer ?? 0)) }
        return found
    }

    private func addQueues(to snapshot: inout QueueSnapshot) async throws(RedisError) {
        let paused = Set(
            (try await values([store.command("SMEMBERS", keys.paused)])[0].elements ?? []).compactMap(\.bytes))
        snapshot.isAllPaused = paused.contains(Array("*".utf8))
        let lengths = try await lengths()
        let taken = Self.taken(snapshot.owners, snapshot.workers)
        let ages = try await QueueAges(store).ages(lengths, snapshot.totals, taken: taken)
        snapshot.queues = lengths.map { name, length in
            QueueSnapshot.Queue(
                name: name, length: length, isPaused: snapshot.isAllPaused || paused.contains(name), age: ages[name])
        }
    }

    private func addDelayed(to snapshot: inout QueueSnapshot, most: Int) async throws(RedisError) {
        let replies = try await values([
            store.command("ZRANGE", keys.schedule, 0, RedisArgument(most - 1)),
            store.command("ZCARD", keys.schedule),
        ])
        let moments = (replies[0].elements ?? []).compactMap(\.integer)
        snapshot.nextDelayed = moments.first.map { $0 &* 1000 }
        snapshot.hasMoreDelayed = (replies[1].integer ?? 0) > moments.count
        for length in await results(moments.map { store.command("LLEN", keys.delayed($0)) }) {
            snapshot.delayed += try Self.unlessRefused(length)?.integer ?? 0
        }
    }

    /// All workers, ours and those of other programs, by name, with what they do.
    ///
    /// - Throws: ``RedisError``.
    package func workers() async throws(RedisError) -> [QueueSnapshot.Worker] {
        let all = try await QueueAPI(store).workers()
        let commands = all.flatMap {
            // A record is as long as its job; of a longer one nobody says what it is.
            [
                store.command("GETRANGE", keys.worker($0.registration), 0, RedisArgument(Self.mostRecord)),
                store.command("GET", keys.ping($0.name)),
            ]
        }
        let replies = await results(commands)
        var found: [QueueSnapshot.Worker] = []
        for (index, worker) in all.enumerated() where index * 2 + 1 < replies.count {
            let record = try Self.unlessRefused(replies[index * 2])?.bytes
            let ping = try Self.unlessRefused(replies[index * 2 + 1])?.bytes.flatMap { try? JSON(parsing: $0) }
            found.append(
                QueueSnapshot.Worker(
                    name: worker.name, queues: worker.queues,
                    job: record.flatMap { $0.isEmpty ? nil : Self.work($0) },
                    pinged: ping?["time"]?.intValue.map { $0 &* 1000 }))
        }
        return found
    }

    private static func work(_ record: [UInt8]) -> QueueSnapshot.Work {
        let json = try? JSON(parsing: record)
        let payload = json?["payload"]
        return QueueSnapshot.Work(
            task: payload?["class"]?.stringValue,
            queue: json?["queue"]?.stringValue ?? payload?["queue"]?.stringValue ?? "",
            began: json?["run_at"]?.stringValue.flatMap { JavaScriptDate.milliseconds($0) })
    }

    /// All processes that have not ended well, with how many jobs they hold.
    ///
    /// - Throws: ``RedisError``.
    package func owners() async throws(RedisError) -> [QueueSnapshot.Owner] {
        let (records, now) = try await store.owners()
        let owners = records.filter { $0.gone == nil || $0.deadline != nil }
            .sorted { $0.owner.utf8.lexicographicallyPrecedes($1.owner.utf8) }
        let commands = owners.flatMap { owner in
            let held = keys.held(owner.owner)
            // Beside jobs there may be the number of the last batch and those of suspects.
            return [
                store.command("HLEN", held), store.command("HEXISTS", held, "#"), store.command("HEXISTS", held, "!"),
            ]
        }
        let replies = try await results(commands).map { result throws(RedisError) in
            try Self.unlessRefused(result)?.integer ?? 0
        }
        return owners.indices.compactMap { index in
            guard index * 3 + 2 < replies.count else { return nil }
            let state: QueueSnapshot.Owner.State =
                owners[index].deadline.map { $0 > now ? .alive : .expired } ?? .leaseless
            return QueueSnapshot.Owner(
                name: owners[index].owner, state: state,
                deadline: owners[index].deadline.flatMap { $0 > 0 ? $0 : nil },
                held: replies[index * 3] - replies[index * 3 + 1] - replies[index * 3 + 2])
        }
    }

    private func values(_ commands: [RedisCommand]) async throws(RedisError) -> [RESPValue] {
        let values = try await results(commands).map { result throws(RedisError) in try result.get() }
        guard values.count == commands.count else { throw JobStore.unexpected("a pipeline") }
        return values
    }

    private func results(_ commands: [RedisCommand]) async -> [Result<RESPValue, RedisError>] {
        var results: [Result<RESPValue, RedisError>] = []
        for start in stride(from: 0, to: commands.count, by: Self.batch) {
            results += await store.client.send(Array(commands[start..<min(start + Self.batch, commands.count)]))
        }
        return results
    }

    /// `nil` for what Redis has refused, for example because a key is of another type.
    private static func unlessRefused(_ result: Result<RESPValue, RedisError>) throws(RedisError) -> RESPValue? {
        if case .failure(let error) = result, case .refused = error.kind { return nil }
        return try result.get()
    }

    private static func score(_ value: RESPValue?) -> Int? {
        value?.text.flatMap(Double.init).flatMap { Int(exactly: $0.rounded()) }
    }
}
