// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroSystem

/// Locks for bundles.
final class LockService: LockHost {
    private let settings: SharedSettings
    private let store: any KeyStore
    private let keeper: LeaseKeeper
    private let log: any LogHost
    private let time: Timekeeper

    init(_ settings: SharedSettings, _ store: any KeyStore, _ keeper: LeaseKeeper, log: any LogHost, time: Timekeeper) {
        self.settings = settings
        self.store = store
        self.keeper = keeper
        self.log = log
        self.time = time
    }

    func withLock<Result: Sendable>(
        _ name: String, lease: Int?, wait: Int, _ body: @escaping @Sendable (Lock) async throws -> Result
    ) async throws -> Result {
        let lease = max(100, lease ?? settings.lockDuration)
        let (key, value) = (settings.leaseKey(name), Array("\(settings.id):\(UUID4.random().text)".utf8))
        let (token, since) = try await acquire(name, key, value, lease, wait)
        let lock = Lock(name: name, token: token)
        do {
            let result = try await keeper.hold(key, value, lease, since: since, store) { try await body(lock) }
            await keeper.release(key, value, store)
            return result
        } catch is LeaseLost {
            // Nobody may have it yet.
            await keeper.release(key, value, store)
            log.write(level: .warning, message: "a lock was lost", data: [("lock", .string(name))])
            throw LockError(.lost, "the lock \(name) was lost before its holder had finished")
        } catch {
            await keeper.release(key, value, store)
            throw error
        }
    }

    /// - Returns: The fencing token, and when taking the lock began.
    private func acquire(
        _ name: String, _ key: String, _ value: [UInt8], _ lease: Int, _ wait: Int
    ) async throws -> (token: Int, since: Int) {
        let began = time.monotonic()
        var backoff = Backoff()
        while true {
            do {
                let since = time.monotonic()
                if let token = try await store.acquire(key, counter: key + ":token", value, expiry: lease) {
                    return (token, since)
                }
                try Task.checkCancellation()
                let left = wait - (time.monotonic() - began)
                guard left > 0 else {
                    throw LockError(.busy, "the lock \(name) is held elsewhere; waited \(max(0, wait)) ms")
                }
                try await time.sleep(min(left, backoff.pause()))
            } catch  where !(error is LockError) {
                // It may be ours without our knowing.
                await keeper.release(key, value, store)
                throw error
            }
        }
    }
}
