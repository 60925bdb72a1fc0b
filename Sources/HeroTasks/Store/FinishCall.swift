// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroRedis

/// The words of a finish, and what its answer means.
struct FinishCall {
    let call: ScriptCall
    private let done: [Int]
    private let others: [Int]

    init(_ owner: String, _ jobs: [FinishedJob], _ keys: JobKeys) {
        var words = JobWords(
            keys: [
                keys.leases, keys.held(owner), keys.attempts, keys.kept, keys.retry, keys.dead, keys.failed,
                keys.stat("processed"), keys.stat("failed"), keys.stat("expired"), keys.endedBatches,
            ], names: keys)
        var (done, others): ([Int], [Int]) = ([], [])
        // Highest number first: each of those that are requeued goes to the head, so the lowest ends up there.
        for finished in jobs.sorted(by: { $0.job.number > $1.job.number }) {
            if finished.outcome == .done, finished.member == nil, finished.job.counters == JobCounters() {
                done.append(finished.job.number)
                continue
            }
            others.append(finished.job.number)
            let (name, argument) = Self.words(finished, &words)
            words.arguments += [RedisArgument(finished.job.number), name, argument, words.member(finished.member)]
        }
        let front = [RedisArgument(owner), RedisArgument(done.count)] + done.map { RedisArgument($0) }
        call = ScriptCall(JobScripts.finish, keys: words.keys, front + words.arguments)
        self.done = done
        self.others = others
    }

    private static func words(
        _ finished: FinishedJob, _ words: inout JobWords
    ) -> (name: RedisArgument, argument: RedisArgument) {
        switch finished.outcome {
        case .done: ("cleared", "")
        case .retry(let milliseconds): ("retry", RedisArgument(max(0, milliseconds)))
        case .later(let milliseconds): ("later", RedisArgument(max(0, milliseconds)))
        case .unknown(let milliseconds): ("unknown", RedisArgument(max(0, milliseconds)))
        case .failed(let entry): ("failed", RedisArgument(entry))
        case .expired: ("expired", "")
        case .dropped: ("dropped", "")
        case .requeue: ("requeue", RedisArgument(words.queue(finished.job.queue)))
        }
    }

    func answer(_ result: Result<RESPValue, RedisError>?) throws(RedisError) -> FinishAnswer {
        guard let value = try JobStore.unlessLost(result) else { return .lost }
        guard let elements = value.elements, elements.count > others.count, let held = elements[0].integer else {
            throw JobStore.unexpected("finish")
        }
        let refused = zip(others, elements.dropFirst()).filter { $1.integer != 1 }.map(\.0)
        return .finished(
            refused: Set(refused + (held == 0 ? done : [])), doneHeld: held, doneSent: done.count,
            ended: elements.dropFirst(1 + others.count).compactMap(\.text))
    }
}

/// Keys and arguments of a script that names queues and batches by their index in `KEYS`.
struct JobWords {
    private(set) var keys: [RedisArgument]
    var arguments: [RedisArgument] = []
    private let names: JobKeys
    private var positions: [RedisArgument: Int] = [:]

    init(keys: [RedisArgument], names: JobKeys) {
        self.keys = keys
        self.names = names
    }

    /// - Returns: The queue's index, counted from 1 as in Lua.
    mutating func queue(_ name: String) -> Int {
        position(of: [names.queue(name)])
    }

    /// - Returns: `<index>:<id>`, or nothing.
    mutating func member(_ member: BatchMember?) -> RedisArgument {
        guard let member else { return "" }
        let index = position(of: [names.batch(member.batch), names.batchJobs(member.batch)])
        return RedisArgument("\(index):\(member.id)")
    }

    private mutating func position(of wanted: [RedisArgument]) -> Int {
        if let known = positions[wanted[0]] { return known }
        keys += wanted
        let index = keys.count - wanted.count + 1
        positions[wanted[0]] = index
        return index
    }
}
