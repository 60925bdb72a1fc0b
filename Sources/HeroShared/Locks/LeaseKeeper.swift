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
