// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroRedis

/// What users do with queues: ActionHero's API of tasks (`task.*`), in Redis' terms.
///
/// Inputs have been validated, and middleware has been asked, by those who call this. Arguments are named as ActionHero
/// names them: `inputs` is wrapped into an array, as the reference wraps it.
package struct QueueAPI: Sendable {
    package let store: JobStore
    var client: any RedisClient { store.client }
    var keys: JobKeys { store.keys }

    package init(_ store: JobStore) { self.store = store }
}

/// Conditions and extras of one enqueue.
package struct EnqueueOptions: Sendable, Hashable {
    /// An idempotency key, and for how many milliseconds it refuses others.
    package var unique: (key: String, milliseconds: Int)? {
        get { uniqueKey.map { ($0, uniqueMilliseconds) } }
        set { (uniqueKey, uniqueMilliseconds) = (newValue?.key, newValue?.milliseconds ?? 0) }
    }
    /// Milliseconds after which the job is dropped when its turn comes.
    package var expiresAfter: Int?
    /// Makes the job findable by an id: see ``QueueAPI/status(_:)``.
    package var tag = JobTag()
    /// Milliseconds for which status and result are kept; only with an id.
    package var keepsStatusFor = 86_400_000
    /// Seconds of QueueLock's lock, which keeps the same job from waiting twice.
    package var queueLock: (key: String, seconds: Int)? {
        get { lockKey.map { ($0, lockSeconds) } }
        set { (lockKey, lockSeconds) = (newValue?.key, newValue?.seconds ?? 0) }
    }
    /// DelayQueueLock: not while the same job is delayed.
    package var refusesDelayed = false
    /// Replicas that must have the job before the call returns, and for how many milliseconds to wait for them.
    package var replicas: (count: Int, milliseconds: Int)? {
        get { replicaCount.map { ($0, replicaMilliseconds) } }
        set { (replicaCount, replicaMilliseconds) = (newValue?.count, newValue?.milliseconds ?? 0) }
    }

    private var uniqueKey: String?
    private var uniqueMilliseconds = 0
    private var lockKey: String?
    private var lockSeconds = 0
    private var replicaCount: Int?
    private var replicaMilliseconds = 0

    package init() {}

    /// Whether two plain commands do.
    var isPlain: Bool {
        uniqueKey == nil && expiresAfter == nil && tag.id == nil && lockKey == nil && !refusesDelayed
    }
}

/// What has become of an enqueue that Redis has answered.
package enum EnqueueAnswer: Sendable, Hashable {
    case enqueued
    /// Its idempotency key was used already.
    case notUnique
    /// QueueLock: the same job waits already.
    case locked
    /// DelayQueueLock: the same job is delayed.
    case isDelayed
    /// The same job is there for the same second.
    case duplicate
    /// Its batch has been closed, or there is none.
    case batchClosed

    init?(_ number: Int?) {
        switch number {
        case 1: self = .enqueued
        case 0: self = .notUnique
        case -1: self = .batchClosed
        case -2: self = .locked
        case -3: self = .isDelayed
        case -4: self = .duplicate
        default: return nil
        }
    }
}

/// Why a call of the API has failed, in the reference's words.
package struct QueueRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    package let message: String

    package init(_ message: String) { self.message = message }

    package var description: String { message }

    package static let duplicate = QueueRefusal("Job already enqueued at this time with same arguments")
    package static let notFailed = QueueRefusal("This job is not in failed queue")
    package static func unknown(_ task: String) -> QueueRefusal { QueueRefusal("task \(task) not found") }
}
