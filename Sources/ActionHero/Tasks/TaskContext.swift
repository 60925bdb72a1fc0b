// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Everything that a task may touch while it runs a job.
///
/// It has what a job has and a request has not, and nothing of what only a request has: no connection and no response.
public struct TaskContext: Sendable {
    package let host: any TaskContextHost

    package init(host: any TaskContextHost) { self.host = host }

    // MARK: The job

    /// The name under which the task was asked for.
    public var taskName: String { host.taskName }

    /// Identifies the job: chosen when it was enqueued, where its result is kept or it belongs to a batch; otherwise that
    /// of this run.
    public var jobID: String { host.jobID }

    /// Where the job has waited.
    public var queue: String { host.queue }

    /// Who runs it, as Resque's tools see it: `host:pid+number`.
    public var workerName: String { host.workerName }

    /// Which attempt this is: 1, and one more for each error and each crash before.
    public var attempt: Int { host.attempt }

    /// The inputs as they were enqueued; the task's properties have what was made of them.
    public var params: JSON.Object { arguments.first?.objectValue ?? [:] }

    /// All arguments of the job; those that our processes enqueue have one, ``params``.
    public var arguments: [JSON] { host.arguments }

    /// The batch that the job belongs to; `nil` without one.
    public var batchID: String? { host.batchID }

    // MARK: Its lease

    /// Whether no other process can have begun the job.
    ///
    /// It becomes `false` at the latest when another may, and the run is cancelled then. Ask before something that must
    /// not happen twice.
    public var isLeaseValid: Bool { host.isLeaseValid }

    /// Whether the worker stops: a long job had better save its ``cursor`` and end with ``checkInterruption()``.
    public var isStopping: Bool { host.isStopping }

    /// Ends a run that should not go on.
    ///
    /// Call it where a long job can be interrupted, after ``saveCursor(_:)``. The job goes to the head of its queue, does
    /// not count as failed, and is run again by a process that does not stop.
    ///
    /// - Throws: ``TaskInterruption`` when the worker stops or the lease is lost; `CancellationError` after ``BackgroundTask/timeout``.
    public func checkInterruption() throws {
        if host.isStopping || !host.isLeaseValid { throw TaskInterruption() }
        try Task.checkCancellation()
    }

    /// Where an earlier run of this job has got to; `nil` in the first one.
    public var cursor: JSON? { host.cursor }

    /// Where an earlier run of this job has got to.
    ///
    /// - Parameter type: What was saved.
    /// - Returns: What was saved; `nil` in the first run.
    /// - Throws: `DecodingError` when something else was saved, perhaps by an earlier version of the task.
    public func cursor<Value: Decodable>(as type: Value.Type) throws -> Value? { try host.cursor?.decode(type) }

    /// Stores where the run has got to, for a later one of the same job, which goes on from there.
    ///
    /// Kept until the job is done or dead.
    ///
    /// - Parameter cursor: Anything that has a JSON form, of at most 64 kB.
    /// - Throws: ``TaskError`` when the lease is lost, ``JSONEncodingError``, ``RedisFailure``.
    public func saveCursor(_ cursor: some Encodable) async throws { try await host.saveCursor(JSON(cursor)) }

    /// Says how far the job is, for `hero tasks` and for whoever asks for it by its id.
    ///
    /// Returns at once: what was said last is sent a few times a second.
    ///
    /// - Parameters:
    ///   - fraction: 0 to 1.
    ///   - message: What it is at, in a few words.
    public func progress(_ fraction: Double, _ message: String = "") {
        host.progress(fraction.isNaN ? 0 : min(max(fraction, 0), 1), message)
    }

    // MARK: The process

    /// The process.
    public var application: Application { Application(host: host.applicationHost) }

    /// What initializers provide.
    public var services: Services { host.applicationHost.services }

    /// Values that all processes of the cluster share.
    public var cache: Cache { application.cache }

    /// Locks that one task at a time holds, in the whole cluster.
    public var locks: Locks { application.locks }

    /// Calls between the processes of the cluster.
    public var rpc: RPC { application.rpc }

    /// The connections of all processes of the cluster, by their ids.
    public var connections: Connections { application.connections }

    /// Background jobs.
    public var tasks: Tasks { application.tasks }

    /// Redis itself.
    public var redis: Redis { application.redis }

    /// The configuration of the process.
    public var config: Configuration { application.config }

    /// The way to those who collect errors.
    public var errors: Errors { application.errors }

    /// The application's log.
    public var log: Log { application.log }

    /// Runs an action in line, with its middleware and validation, on a connection of type `in-line-action`.
    ///
    /// - Parameters:
    ///   - name: The name of the action.
    ///   - version: Its version; `nil` for the latest.
    ///   - params: Its parameters.
    /// - Returns: The response, usually an object.
    /// - Throws: ``ActionError`` with the error that a client would have got.
    public func run(_ name: String, version: String? = nil, params: JSON.Object = [:]) async throws -> JSON {
        try await application.run(name, version: version, params: params)
    }
}

/// A run ended because its worker stops or its lease is lost; the job is run again and has not failed.
public struct TaskInterruption: Error, Sendable, CustomStringConvertible {
    /// Makes the error.
    public init() {}

    /// What happens to the job.
    public var description: String { "the job was interrupted and goes back to its queue" }
}
