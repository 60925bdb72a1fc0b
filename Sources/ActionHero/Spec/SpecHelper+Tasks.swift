// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

// Background jobs, without Redis.
extension SpecHelper {
    // MARK: Running tasks

    /// Runs a task alone: its inputs are validated, and no middleware runs.
    ///
    ///     let sent = try await SpecHelper.runTask("sendEmail", ["to": "ada@example.org"])
    ///
    /// - Parameters:
    ///   - name: The task's name.
    ///   - inputs: The inputs by their names.
    /// - Returns: What it has returned; `null` when it returns nothing.
    /// - Throws: ``TaskError`` when there is no such task or the inputs are not what it takes; what the task throws;
    ///   ``SpecHelperError`` outside of `hero test`.
    @discardableResult
    public static func runTask(_ name: String, _ inputs: JSON.Object = [:]) async throws -> JSON {
        try await tasks.run(Job(name, inputs), isFull: false)
    }

    /// Runs a task alone: its inputs are validated, and no middleware runs.
    ///
    /// - Parameters:
    ///   - type: The task.
    ///   - inputs: Sets the inputs of an instance.
    /// - Returns: What it has returned; `null` when it returns nothing.
    /// - Throws: What ``runTask(_:_:)`` throws, and what `inputs` throws.
    @discardableResult
    public static func runTask<T: BackgroundTask>(
        _ type: T.Type, inputs: (inout T) throws -> Void = { _ in }
    ) async throws -> JSON {
        try await tasks.run(Job(type, inputs: inputs), isFull: false)
    }

    /// Runs a task as a worker does, with its middleware; what that does when a job is enqueued is left out.
    ///
    /// - Parameters:
    ///   - name: The task's name.
    ///   - inputs: The inputs by their names.
    /// - Returns: What it has returned; `null` when it returns nothing, or middleware did not want it to run.
    /// - Throws: What ``runTask(_:_:)`` throws, and what middleware throws.
    @discardableResult
    public static func runFullTask(_ name: String, _ inputs: JSON.Object = [:]) async throws -> JSON {
        try await tasks.run(Job(name, inputs), isFull: true)
    }

    // MARK: What was enqueued

    /// Jobs that were enqueued since the tests began, or since ``forgetJobs()``, in their order.
    ///
    /// In `hero test` jobs are validated and shown to their middleware, and then kept here; no Redis is asked. Tests run at the
    /// same time and share the list: ``recordingJobs(_:)`` has those of one test.
    ///
    /// - Parameter name: The task's name; `nil` for all tasks.
    /// - Returns: The last 10,000 of them.
    /// - Throws: ``SpecHelperError`` outside of `hero test`.
    public static func enqueuedJobs(_ name: String? = nil) throws -> [RecordedJob] {
        try tasks.recorder.jobs(named: name)
    }

    /// Empties the list of ``enqueuedJobs(_:)``.
    ///
    /// - Throws: ``SpecHelperError`` outside of `hero test`.
    public static func forgetJobs() throws { try tasks.recorder.forget() }

    /// Finds out what is enqueued while a body runs, by it and by what it calls in its own task.
    ///
    ///     let jobs = try await SpecHelper.recordingJobs {
    ///         _ = await SpecHelper.runAction("signUp", params: ["email": "ada@example.org"])
    ///     }
    ///     #expect(jobs.map(\.name) == ["sendEmail"])
    ///
    /// A request of ``fetch(_:_:headers:body:)`` is handled by another task: what it enqueues is in ``enqueuedJobs(_:)``.
    ///
    /// - Parameter body: What to watch.
    /// - Returns: The jobs in their order.
    /// - Throws: What the body throws.
    public static func recordingJobs(_ body: () async throws -> Void) async rethrows -> [RecordedJob] {
        let list = RecordedJobs()
        try await JobRecorder.$list.withValue(list) { try await body() }
        return list.all
    }
}

/// A job that was enqueued in a test.
public struct RecordedJob: Sendable, Hashable {
    /// The task's name.
    public let name: String
    /// Where it would wait.
    public let queue: String
    /// The inputs as they would be stored, with their defaults.
    public let inputs: JSON.Object
    /// After how long it would be moved to its queue; zero for at once.
    public let delay: Duration
    /// When it would be moved to its queue, in milliseconds since 1970; `nil` unless it was enqueued so.
    public let atMilliseconds: Int?

    package init(name: String, queue: String, inputs: JSON.Object, start: JobOptions.Start) {
        self.name = name
        self.queue = queue
        self.inputs = inputs
        switch start {
        case .now: (delay, atMilliseconds) = (.zero, nil)
        case .after(let milliseconds): (delay, atMilliseconds) = (.milliseconds(milliseconds), nil)
        case .at(let milliseconds): (delay, atMilliseconds) = (.zero, milliseconds)
        }
    }
}

/// Whoever runs tasks for tests.
package protocol SpecTaskHost: Sendable {
    var recorder: JobRecorder { get }
    // Middleware runs when it is full.
    func run(_ job: Job, isFull: Bool) async throws -> JSON
}
