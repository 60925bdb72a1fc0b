// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Locks that one task at a time holds, in the whole cluster.
///
///     try await context.locks.withLock("invoices") { lock in
///         try await ledger.append(invoice, fencingToken: lock.token)
///     }
///
/// A lock is a lease: it is renewed while the body runs and ends by itself when its process dies. No lock of this kind
/// can promise that a process which was stopped for long does not act once more before it notices; the ``Lock/token``
/// tells whoever it acts upon.
public struct Locks: Sendable {
    private let host: any LockHost

    package init(host: any LockHost) { self.host = host }

    /// Runs a body while holding a lock.
    ///
    /// The body's task is cancelled when the lease is lost, because Redis was away for longer than the lease or the
    /// process did not get to run.
    ///
    /// - Parameters:
    ///   - name: What to lock; names have nothing to do with keys of the cache.
    ///   - lease: After how long others get the lock when this process dies; at least 100 ms. `nil` for
    ///     `general.lockDuration`.
    ///   - waitingAtMost: How long to wait for the lock; zero to try once. Default: 10 s.
    ///   - body: What to do; must not ask for the same lock.
    /// - Returns: What the body returns.
    /// - Throws: ``LockError`` when the lock is not to be had in time or was lost; what the body throws;
    ///   ``RedisFailure``.
    public func withLock<Result: Sendable>(
        _ name: String, lease: Duration? = nil, waitingAtMost: Duration = .seconds(10),
        _ body: @escaping @Sendable (Lock) async throws -> Result
    ) async throws -> Result {
        try await host.withLock(
            name, lease: lease?.wholeMilliseconds, wait: waitingAtMost.wholeMilliseconds, body)
    }
}

/// A lock that is held.
public struct Lock: Sendable, Hashable {
    /// What is locked.
    public let name: String
    /// Larger than the token of everybody who had the lock before: whoever stores it with what they change can refuse
    /// smaller ones, which come from holders that have lost the lock without noticing.
    public let token: Int

    package init(name: String, token: Int) {
        self.name = name
        self.token = token
    }
}
