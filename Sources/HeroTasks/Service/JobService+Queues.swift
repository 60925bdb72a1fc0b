// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroRedis
internal import HeroRuntime

// What waits.
extension JobService {
    func queueLengths(timeout: Int?) async throws -> [String: Int] {
        try await ask { api in
            var store = api.store
            if let timeout { store.timeout = timeout }
            let lengths = try await QueueAPI(store).lengths()
            return Dictionary(lengths.map { ($0.queue, $0.length) }) { first, _ in first }
        }
    }

    func queued(_ queue: String, _ start: Int, _ stop: Int) async throws -> [QueuedJob] {
        try await ask { try await $0.queued(queue, start, stop) }.map { QueuedJob(bytes: $0) }
    }

    func remove(_ queue: String, _ name: String, inputs: JSON.Object, count: Int) async throws -> Int {
        try await ask { try await $0.del(queue, name, .object(inputs), count: count) }
    }

    func removeAll(_ queue: String, _ name: String, _ start: Int, _ stop: Int) async throws -> Int {
        try await ask { try await $0.delByFunction(queue, name, start: start, stop: stop) }
    }

    func removeQueue(_ queue: String) async throws { try await ask { try await $0.delQueue(queue) } }

    // MARK: Delayed

    func scheduledAt(_ queue: String, _ name: String, inputs: JSON.Object) async throws -> [Int] {
        try await ask { try await $0.scheduledAt(queue, name, .object(inputs)) }.map { $0 * 1000 }.sorted()
    }

    func removeDelayed(_ queue: String, _ name: String, inputs: JSON.Object) async throws -> [Int] {
        try await ask { try await $0.delDelayed(queue, name, .object(inputs)) }.map { $0 * 1000 }.sorted()
    }

    func timestamps() async throws -> [Int] { try await ask { try await $0.timestamps() } }

    func delayed(atMilliseconds milliseconds: Int) async throws -> [QueuedJob] {
        try await ask { try await $0.delayedAt(milliseconds).tasks }.map { QueuedJob(bytes: $0) }
    }

    // MARK: Locks

    func pluginLocks() async throws -> [String: String] {
        let locks = try await ask { try await $0.locks() }
        return Dictionary(locks.map { ($0.key, $0.value) }) { first, _ in first }
    }

    func removePluginLock(_ name: String) async throws -> Bool { try await ask { try await $0.delLock(name) } > 0 }

    // MARK: Pausing

    func pause(_ queue: String?) async throws { try await ask { try await $0.pause(queue ?? "*") } }

    func resume(_ queue: String?) async throws {
        try await ask { api in
            guard queue == nil else { return try await api.resume(queue ?? "*") }
            for name in try await api.paused() { try await api.resume(name) }
        }
    }

    func paused() async throws -> [String] { try await ask { try await $0.paused() } }
}

extension QueuedJob {
    /// - Parameter bytes: As they wait; what is no JSON is a text.
    init(bytes: [UInt8]) {
        self.init(payload: (try? JSON(parsing: bytes)) ?? .string(String(decoding: bytes, as: UTF8.self)))
    }
}
