// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroSystem
internal import Synchronization

/// The lease ended before what it was for.
struct LeaseLost: Error {}

/// Renews a lease while a body runs.
struct LeaseKeeper: Sendable {
    let time: Timekeeper

    private enum Event<Result: Sendable>: Sendable {
        case finished(Swift.Result<Result, any Error>)
        case lost
        case given
    }

    /// Until when a lease is ours as far as this process knows.
    private final class Term: Sendable {
        private let end: Atomic<Int>

        init(end: Int) { self.end = Atomic(end) }

        func extend(to end: Int) { self.end.store(end, ordering: .relaxed) }
        func isOver(_ now: Int) -> Bool { now >= end.load(ordering: .relaxed) }
    }

    /// Runs a body, which is cancelled when its lease is lost.
    ///
    /// - Parameters:
    ///   - key: The lock.
    ///   - token: What is stored there while it is ours.
    ///   - lease: Milliseconds.
    ///   - since: When taking it began, by the monotonic clock.
    ///   - store: Where the lock is.
    ///   - body: Runs in a task of its own.
    /// - Returns: What the body returns.
    /// - Throws: ``LeaseLost`` when the lease ended first; what the body throws.
    func hold<Result: Sendable>(
        _ key: String, _ token: [UInt8], _ lease: Int, since: Int, _ store: any KeyStore,
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let term = Term(end: since + lease)
        return try await withThrowingTaskGroup(of: Event<Result>.self) { group in
            group.addTask {
                do { return .finished(.success(try await body())) } catch { return .finished(.failure(error)) }
            }
            group.addTask { await renew(key, token, lease, term, store) ? .given : .lost }
            defer { group.cancelAll() }
            while let event = try await group.next() {
                switch event {
                case .finished(let result):
                    // The process may have been stopped for so long that nobody had a chance to renew.
                    if term.isOver(time.monotonic()) { throw LeaseLost() }
                    return try result.get()
                case .lost: throw LeaseLost()
                case .given: continue
                }
            }
            throw CancellationError()
        }
    }

    /// - Returns: `false` when the lease is lost; `true` when the task was cancelled.
    private func renew(
        _ key: String, _ token: [UInt8], _ lease: Int, _ term: Term, _ store: any KeyStore
    ) async -> Bool {
        var pause = lease / 3
        while true {
            do { try await time.sleep(pause) } catch { return true }
            let now = time.monotonic()
            // Somebody else may have it, whatever a reply that is under way will say.
            guard !term.isOver(now) else { return false }
            do {
                guard try await store.renew(key, token, expiry: lease, timeout: max(10, lease / 4)) else {
                    return Task.isCancelled
                }
                term.extend(to: now + lease)
                pause = lease / 3
            } catch {
                if Task.isCancelled { return true }
                pause = max(5, lease / 20)
            }
        }
    }

    /// Gives a lease back; one that cannot be given back ends by itself.
    func release(_ key: String, _ token: [UInt8], _ store: any KeyStore) async {
        // In a task of its own, and awaited here: the caller's may have been cancelled, and others wait for the lock.
        await Task { _ = try? await store.deleteUnlessOther(key, token) }.value
    }
}

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
