// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// What has to have stored a job before enqueuing it returns.
public struct Durability: Sendable, Hashable {
    /// How many replicas have to have it, besides the server that was asked.
    package let replicas: Int
    /// How long they have for it.
    package let timeout: Duration

    /// The Redis server that was asked; a failover right afterwards can lose the job.
    public static let local = Durability(replicas: 0, timeout: .zero)

    /// Some replicas, too, by way of Redis' `WAIT`.
    ///
    /// When they do not have it in time the error says so; the job is enqueued all the same and will run.
    ///
    /// - Parameters:
    ///   - count: How many, 1 or more.
    ///   - timeout: How long they have for it. Default: 1 s.
    /// - Returns: The durability.
    public static func replicas(_ count: Int, timeout: Duration = .seconds(1)) -> Durability {
        Durability(replicas: max(0, count), timeout: timeout)
    }
}

/// What becomes of a job that is enqueued while Redis is away.
public struct WhenAway: Sendable, Hashable {
    package let isKept: Bool

    /// Enqueuing throws within the deadline of the connection.
    public static let fail = WhenAway(isKept: false)
    /// The job waits in a file of this process below `data/`, which has a bound, and is delivered later and in order.
    ///
    /// Enqueuing throws ``TaskError`` with the code `cannotKeep` when the file is full or cannot be written. What is in there
    /// is lost when the disk is. The first job of a chain and the jobs of a batch are not kept: it is ``fail`` for them.
    public static let keep = WhenAway(isKept: true)
}

/// What is done about runs of a task that were due while no scheduler ran.
public enum MissedRuns: Sendable, Hashable {
    /// Nothing: the next run is the next one that is due. Each is logged.
    case skip
    /// One run makes up for all of them.
    case once
    /// Each is made up for, one after the other, at most a thousand.
    case all
}
