// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroSystem

extension CacheService {
    func find(_ key: String, owner: String) async throws -> JSON? {
        guard !FetchScope.keys.contains(ByteKey(key)) else {
            throw CacheError(.recursive, "the computation of \(key) fetches \(key)")
        }
        let found = try await store.get([lockName(key), name(key)])
        guard try mayUse(found[0], key, owner: owner) else { return nil }
        guard let value = found[1].flatMap(CachedValue.init), (value.expiresAt ?? .max) >= time.wall() else {
            return nil
        }
        return value.value
    }

    func fetch(_ request: FetchRequest) async throws -> JSON {
        let deadline = time.monotonic() + max(0, request.wait)
        while true {
            let flight = flights.join(request.key) { try await self.fly(request, deadline: deadline) }
            do {
                // Whoever has begun the flight may be computing, which has no limit.
                let limit = flight.isNew ? nil : max(0, deadline - time.monotonic())
                return try await flights.wait(flight, limit: limit, time)
            } catch is FlightTimedOut {
                // The limit of the flight's first caller may have been shorter than ours.
                guard time.monotonic() < deadline else {
                    throw CacheError(.timedOut, "\(request.key) is locked or computed elsewhere for too long")
                }
            }
        }
    }

    /// - Returns: The value, if it is there, of the right type, and nobody else has locked it.
    private func look(_ request: FetchRequest) async throws -> JSON? {
        guard let value = try await find(request.key, owner: request.owner), request.isUsable(value) else { return nil }
        return value
    }

    /// Gets the value from whoever computes it, or computes it.
    private func fly(_ request: FetchRequest, deadline: Int) async throws -> JSON {
        let lease = max(100, request.lease ?? settings.lockDuration)
        let (key, token) = (settings.fetchKey(request.key), Array("\(settings.id):\(UUID4.random().text)".utf8))
        var backoff = Backoff()
        while true {
            if let value = try await look(request) { return value }
            if try await checkLock(request.key, retry: 0, owner: request.owner) {
                let since = time.monotonic()
                if try await store.setIfAbsent(key, token, expiry: lease),
                    let value = try await compute(request, Lease(key: key, token: token, length: lease, since: since))
                {
                    return value
                }
            }
            guard time.monotonic() < deadline else { throw FlightTimedOut() }
            try await time.sleep(backoff.pause())
        }
    }

    private struct Lease {
        let key: String
        let token: [UInt8]
        let length: Int
        let since: Int
    }

    /// - Returns: `nil` when the lease was lost, and with it the right to store the value.
    private func compute(_ request: FetchRequest, _ lease: Lease) async throws -> JSON? {
        let result: Result<JSON?, any Error>
        do {
            result = .success(
                try await keeper.hold(lease.key, lease.token, lease.length, since: lease.since, store) {
                    // It may have been stored between the look and the lock.
                    if let value = try await self.look(request) { return value }
                    let value = try await FetchScope.$keys.withValue(FetchScope.keys.union([ByteKey(request.key)])) {
                        try await request.compute()
                    }
                    await self.keep(value, request)
                    return value
                })
        } catch is LeaseLost {
            log.write(
                level: .warning, message: "the lease of a computation was lost", data: [("key", .string(request.key))])
            result = .success(nil)
        } catch {
            result = .failure(error)
        }
        await keeper.release(lease.key, lease.token, store)
        return try result.get()
    }

    /// The caller has a value, so it is no error for the caller when it cannot be stored.
    private func keep(_ value: JSON, _ request: FetchRequest) async {
        do {
            try await save(request.key, value, expiry: request.expiry, owner: request.owner)
        } catch {
            log.write(
                level: .warning, message: "a computed value could not be stored: \(error)",
                data: [("key", .string(request.key))])
        }
    }
}

/// Others computed for longer than the first caller of a flight wanted to wait.
struct FlightTimedOut: Error {}

extension SharedSettings {
    /// Locks of ``Cache/fetch`` and of ``Locks`` lie beside those of the cache; the braces keep a lock and its counter in
    /// one slot of a cluster.
    func fetchKey(_ key: String) -> String { "\(lockPrefix){fetch:\(key)}" }
    func leaseKey(_ name: String) -> String { "\(lockPrefix){lease:\(name)}" }
    func isLease(_ key: String) -> Bool {
        ["fetch:", "lease:"].contains { key.utf8.starts(with: "\(lockPrefix){\($0)".utf8) }
    }
}

/// What the current task computes.
private enum FetchScope {
    @TaskLocal static var keys: Set<ByteKey> = []
}
