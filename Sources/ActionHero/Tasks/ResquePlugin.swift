// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// One of Resque's plugins around the jobs of a task, with the keys in Redis that ActionHero for Node uses.
///
///     static let plugins = [ResquePlugin.queueLock(), .jobLock(reEnqueue: false)]
public struct ResquePlugin: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        case jobLock(lockMilliseconds: Int, enqueueMilliseconds: Int, reEnqueue: Bool)
        case queueLock(lockMilliseconds: Int)
        case delayQueueLock
        case retry(limit: Int, delaysMilliseconds: [Int])
        case noop
    }

    package let kind: Kind
    /// In place of what is made of the job; `nil` for that.
    package let key: String?

    private init(_ kind: Kind, key: String? = nil) { (self.kind, self.key) = (kind, key) }

    /// What ActionHero for Node calls it.
    package var name: String {
        switch kind {
        case .jobLock: "JobLock"
        case .queueLock: "QueueLock"
        case .delayQueueLock: "DelayQueueLock"
        case .retry: "Retry"
        case .noop: "Noop"
        }
    }

    /// Keeps two equal jobs from running at the same time.
    ///
    /// - Parameters:
    ///   - lockTimeout: After how long a lock is void that nobody has given back. Default: 1 h.
    ///   - enqueueTimeout: After how long a job that found the lock taken is tried again. Default: 1,001 ms.
    ///   - reEnqueue: Whether it is tried again at all; otherwise it is dropped. Default: `true`.
    ///   - key: What is locked; `nil` for task, queue and inputs together.
    /// - Returns: The plugin.
    public static func jobLock(
        lockTimeout: Duration = .seconds(3600), enqueueTimeout: Duration = .milliseconds(1001), reEnqueue: Bool = true,
        key: String? = nil
    ) -> ResquePlugin {
        ResquePlugin(
            .jobLock(
                lockMilliseconds: lockTimeout.wholeMilliseconds,
                enqueueMilliseconds: enqueueTimeout.wholeMilliseconds, reEnqueue: reEnqueue), key: key)
    }

    /// Keeps a job from being enqueued while an equal one waits.
    ///
    /// - Parameters:
    ///   - lockTimeout: After how long a lock is void that nobody has given back. Default: 1 h.
    ///   - key: What is locked; `nil` for task, queue and inputs together.
    /// - Returns: The plugin.
    public static func queueLock(lockTimeout: Duration = .seconds(3600), key: String? = nil) -> ResquePlugin {
        ResquePlugin(.queueLock(lockMilliseconds: lockTimeout.wholeMilliseconds), key: key)
    }

    /// Keeps a job from being enqueued while an equal one is delayed.
    public static let delayQueueLock = ResquePlugin(.delayQueueLock)

    /// Tries a job that threw again, as Resque does it, in place of the task's ``BackgroundTask/retry``.
    ///
    /// - Parameters:
    ///   - limit: How often a job runs altogether. Default: 1, which is not again.
    ///   - delay: After how long it is tried again, when there is no `backoff`. Default: 5 s.
    ///   - backoff: The delays one after the other, the last one for all that follow. Default: none.
    /// - Returns: The plugin.
    public static func retry(
        limit: Int = 1, delay: Duration = .seconds(5), backoff: [Duration] = []
    ) -> ResquePlugin {
        let delays = backoff.isEmpty ? [delay] : backoff
        return ResquePlugin(.retry(limit: limit, delaysMilliseconds: delays.map(\.wholeMilliseconds)))
    }

    /// Logs an error, and lets the job count as done.
    public static let noop = ResquePlugin(.noop)
}
