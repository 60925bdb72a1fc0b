// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroRedis

// The life of an owner.
extension JobStore {
    /// Begins a lease.
    ///
    /// - Parameters:
    ///   - owner: `<host>:<pid>~<random>`.
    ///   - lease: Milliseconds.
    ///   - who: JSON for `owners`: what a reaper has to know.
    /// - Returns: `false` when this owner has ended before.
    /// - Throws: ``RedisError``.
    package func start(_ owner: String, lease: Int, who: [UInt8]) async throws(RedisError) -> Bool {
        try await call(
            ScriptCall(
                JobScripts.start, keys: [keys.leases, keys.owners],
                [RedisArgument(owner), RedisArgument(lease), RedisArgument(who)])
        ).integer == 1
    }

    /// Prolongs a lease that has not ended.
    package func renew(_ owner: String, lease: Int) async throws(RedisError) -> RenewAnswer {
        let answer = await call([
            ScriptCall(
                JobScripts.renew, keys: [keys.leases, keys.held(owner)], [RedisArgument(owner), RedisArgument(lease)])
        ])
        guard let value = try Self.unlessLost(answer.first) else { return .lost }
        // Beside the numbers of jobs there are `#` and `!`.
        return .held(Set((value.elements ?? []).compactMap(\.integer)))
    }

    /// Says which suspects run, so that the next crash is put down to them.
    package func mark(_ owner: String, running: [Int]) async throws(RedisError) -> OwnerAnswer {
        let answer = await call([
            ScriptCall(
                JobScripts.mark, keys: [keys.leases, keys.held(owner)],
                [RedisArgument(owner)] + running.map { RedisArgument($0) })
        ])
        return try Self.ownerAnswer(answer.first)
    }

    /// Ends a lease whose jobs have all been finished or requeued.
    ///
    /// - Returns: `false` when there are still some: ``held(_:)``, requeue, and again.
    /// - Throws: ``RedisError``.
    package func leave(_ owner: String) async throws(RedisError) -> Bool {
        try await call(
            ScriptCall(
                JobScripts.leave, keys: [keys.leases, keys.held(owner), keys.owners], [RedisArgument(owner)])
        ).integer == 1
    }

    /// `nil` when the lease has ended.
    static func unlessLost(_ result: Result<RESPValue, RedisError>?) throws(RedisError) -> RESPValue? {
        switch result {
        case .success(let value): return value
        case .failure(let error):
            if error.isLost { return nil }
            throw error
        case nil: throw unexpected("a script")
        }
    }

    static func ownerAnswer(_ result: Result<RESPValue, RedisError>?) throws(RedisError) -> OwnerAnswer {
        guard let value = try unlessLost(result) else { return .lost }
        return value.integer == 1 ? .yes : .no
    }
}
