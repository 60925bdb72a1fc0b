// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroRedis

/// What a task allows of itself, across all processes.
package struct TaskLimits: Sendable, Hashable {
    package var atATime: Int?
    package var rate: (starts: Int, milliseconds: Int)? {
        get { starts.map { ($0, milliseconds) } }
        set { (starts, milliseconds) = (newValue?.starts, newValue?.milliseconds ?? 0) }
    }
    /// Whether a job of it may be too old.
    package var expires = false

    private var starts: Int?
    private var milliseconds = 0

    package init() {}

    /// Whether anything has to be asked before a run.
    package var isEmpty: Bool { self == TaskLimits() }
}

// What a job needs while it runs.
extension JobStore {
    /// Asks whether a job may run, and counts it in if it may: ``release(_:_:of:)`` counts it out.
    ///
    /// A repetition after a lost reply may count as two starts where only the rate is limited.
    package func admit(
        _ owner: String, _ number: Int, of task: String, _ limits: TaskLimits
    ) async throws(RedisError) -> AdmitAnswer {
        let answer = await call([
            ScriptCall(
                JobScripts.admit,
                keys: [keys.leases, keys.held(owner), keys.running(task), keys.starts(task), keys.deadlines],
                [
                    RedisArgument(owner), RedisArgument(number), limits.atATime.map { RedisArgument($0) } ?? "",
                    limits.rate.map { RedisArgument($0.starts) } ?? "",
                    RedisArgument(limits.rate?.milliseconds ?? 0), limits.expires ? "1" : "",
                ])
        ])
        guard let value = try Self.unlessLost(answer.first) else { return .lost }
        let numbers = value.elements?.compactMap(\.integer) ?? []
        switch numbers.first {
        case 1: return .yes
        case 0: return .wait(milliseconds: numbers.last.flatMap { $0 > 0 ? $0 : nil })
        case -1: return .expired
        case -2: return .notHeld
        default: throw Self.unexpected("admit")
        }
    }

    /// A job that was counted in has ended.
    package func release(_ owner: String, _ number: Int, of task: String) async throws(RedisError) {
        _ = try await client.send(command("ZREM", keys.running(task), RedisArgument("\(owner)~\(number)")))
    }

    /// Takes JobLock's lock for the time of a run; one whose owner's lease has ended is taken over.
    ///
    /// - Parameters:
    ///   - owner: Who runs the job.
    ///   - number: Its number.
    ///   - key: `workerslock:…`, without the namespace.
    ///   - seconds: How long it is kept at most.
    /// - Returns: Whether it is this job's now.
    /// - Throws: ``RedisError``.
    package func lock(
        _ owner: String, _ number: Int, key: String, seconds: Int
    ) async throws(RedisError) -> OwnerAnswer {
        try Self.ownerAnswer(
            await call([
                ScriptCall(
                    JobScripts.lock, keys: [keys.leases, keys.key(key)],
                    [RedisArgument(owner), RedisArgument(number), RedisArgument(max(1, seconds))])
            ]).first)
    }

    /// Gives a lock back, if it is this job's.
    package func unlock(_ owner: String, _ number: Int, key: String) async throws(RedisError) {
        _ = try await call(
            ScriptCall(JobScripts.unlock, keys: [keys.key(key)], [RedisArgument(owner), RedisArgument(number)]))
    }

    /// Keeps what a job says, if its owner still holds it.
    ///
    /// - Parameters:
    ///   - owner: Who runs the job.
    ///   - number: Its number.
    ///   - key: ``JobKeys/job(_:)`` or ``JobKeys/cursor(_:)``; in that case with
    ///   - digest: the SHA-1 of the payload, so that the next claim of the job says that there is one.
    ///   - value: Bytes.
    ///   - milliseconds: How long they are kept.
    /// - Returns: Whether they are.
    /// - Throws: ``RedisError``.
    package func note(
        _ owner: String, _ number: Int, at key: RedisArgument, digest: String = "", _ value: [UInt8], milliseconds: Int
    ) async throws(RedisError) -> OwnerAnswer {
        try Self.ownerAnswer(
            await call([
                ScriptCall(
                    JobScripts.note, keys: [keys.leases, keys.held(owner), key, keys.cursors],
                    [
                        RedisArgument(owner), RedisArgument(number), RedisArgument(max(1, milliseconds)),
                        RedisArgument(value), RedisArgument(digest),
                    ])
            ]).first)
    }

    /// A job will not go on where it has said.
    package func forgetCursor(_ digest: String) async throws(RedisError) {
        for result in await client.send([
            command("DEL", keys.cursor(digest)), command("HDEL", keys.cursors, RedisArgument(digest)),
        ]) { _ = try result.get() }
    }

    /// What was noted; `nil` when there is nothing, or not any more.
    package func noted(at key: RedisArgument) async throws(RedisError) -> [UInt8]? {
        try await client.send(command("GET", key)).bytes
    }
}
