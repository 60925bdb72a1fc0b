// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroRedis
internal import NIOCore

/// Waits for jobs in Redis on behalf of a process that has nothing to do; takes none.
///
/// Belongs to its event loop. Each queue that is waited for has a connection for itself. A wait goes on while the process
/// works again, and ends by itself.
final class IdleWatch: @unchecked Sendable {
    enum Event: Sendable, Hashable {
        /// Whether the process will be told; otherwise it has to ask again and again.
        case watching(Bool)
        case woken
        /// A wait has ended without a job.
        case unwatched
    }

    /// Queues that are waited for; others are polled.
    static let mostQueues = 8
    /// Processes that wait: all of them wake up for one job, at about 120 µs of Redis each.
    static let mostProcesses = 8
    /// Milliseconds of one wait.
    private static let wait = 5000
    /// Milliseconds for which a process counts as waiting, and what is left of them when it says so again.
    private static let (membership, renewal) = (15_000, 6000)
    /// Nanoseconds before a Redis is asked again that refuses to wait, and one that others wait in.
    private static let (refusal, crowd) = (5_000_000_000, 1_000_000_000)

    private let store: JobStore
    private let loop: any EventLoop
    private let executor: LoopExecutor
    private let answer: (Event) -> Void
    private var waits: [String: Task<Void, Never>] = [:]
    /// Nanoseconds.
    private var memberUntil = 0
    private var refusedUntil = 0
    private var isEntering = false
    private var hasEnded = false

    /// - Parameters:
    ///   - store: Where jobs are.
    ///   - executor: Runs tasks on the loop.
    ///   - loop: Where all of it runs.
    ///   - answer: Called on the loop, also before ``watch(_:owner:)`` returns.
    init(_ store: JobStore, _ executor: LoopExecutor, on loop: any EventLoop, answer: @escaping (Event) -> Void) {
        (self.store, self.executor, self.loop, self.answer) = (store, executor, loop, answer)
    }

    private var now: Int { Int(truncatingIfNeeded: loop.now.uptimeNanoseconds) }

    func watch(_ queues: [String], owner: String) {
        guard !hasEnded, !isEntering else { return }
        guard !queues.isEmpty, now >= refusedUntil else { return answer(.watching(false)) }
        if memberUntil - now >= Self.renewal * 1_000_000 { return begin(queues) }
        isEntering = true
        // Ends with its answer, or with the client.
        Task(executorPreference: executor) { [store] in
            let others = try? await store.enterIdle(owner, milliseconds: Self.membership)
            let isMember = others.map { $0 < Self.mostProcesses } ?? false
            if others != nil, !isMember { try? await store.leaveIdle(owner) }
            self.loop.execute { self.entered(isMember, queues) }
        }
    }

    private func entered(_ isMember: Bool, _ queues: [String]) {
        isEntering = false
        guard !hasEnded else { return }
        guard isMember else {
            refusedUntil = now + Self.crowd
            return answer(.watching(false))
        }
        memberUntil = now + Self.membership * 1_000_000
        begin(queues)
    }

    private func begin(_ queues: [String]) {
        for queue in queues.prefix(Self.mostQueues) where waits[queue] == nil {
            // Kept, and cancelled by `end`.
            waits[queue] = Task(executorPreference: executor) { [store] in
                let isThere: Bool?
                do throws(RedisError) {
                    isThere = try await store.waitForJob(in: queue, milliseconds: Self.wait)
                } catch { isThere = nil }
                self.loop.execute { self.ended(queue, isThere) }
            }
        }
        // Those of earlier orders do no harm, and end.
        answer(.watching(queues.count <= Self.mostQueues))
    }

    private func ended(_ queue: String, _ isThere: Bool?) {
        waits[queue] = nil
        guard !hasEnded else { return }
        // A Redis that is full, or a key of another type.
        if isThere == nil { refusedUntil = now + Self.refusal }
        answer(isThere == true ? .woken : .unwatched)
    }

    /// Nobody waits any more.
    func end(owner: String) {
        guard !hasEnded else { return }
        hasEnded = true
        waits.values.forEach { $0.cancel() }
        guard memberUntil > now else { return }
        // What is not removed counts for some seconds more.
        Task(executorPreference: executor) { [store] in try? await store.leaveIdle(owner) }
    }
}
