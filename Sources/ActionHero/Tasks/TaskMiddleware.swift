// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Code that runs around jobs: when they are enqueued, and when they run.
///
/// One instance serves all jobs, at the same time. Global middleware runs for every task, ordered by ``priority``; the
/// others run for the tasks that name them, after the global ones and in the task's order. What a job's `enqueue` runs is
/// run in the process that enqueues; delayed jobs have it when they are moved to their queue.
public protocol TaskMiddleware: Sendable {
    /// Makes the instance; called once, when the process boots.
    init()

    /// The name by which tasks ask for it. Default: the type's name with a small first letter.
    static var name: String { get }
    /// Whether it runs for every task. Default: `false`.
    static var isGlobal: Bool { get }
    /// Global middleware runs in ascending order. Default: `general.defaultMiddlewarePriority`, which is 100.
    static var priority: Int { get }

    /// Runs before a job is enqueued, after its inputs have been validated.
    ///
    /// - Parameter job: What is to be enqueued; its inputs may be changed.
    /// - Returns: Whether the job is wanted; `false` is ``EnqueueResult/Outcome/vetoed``.
    /// - Throws: Any error goes to whoever enqueues; the job is not.
    func preEnqueue(_ job: inout EnqueuedTask) async throws -> Bool

    /// Runs after a job was enqueued.
    ///
    /// - Parameter job: What was enqueued.
    /// - Throws: Any error is logged: the job is there.
    func postEnqueue(_ job: EnqueuedTask) async throws

    /// Runs before a job, and before its inputs are validated.
    ///
    /// - Parameter run: What is to be run; its inputs may be changed.
    /// - Returns: Whether the job is to run; with `false` it is over, and has neither succeeded nor failed.
    /// - Throws: Any error fails the job.
    func preProcessor(_ run: inout TaskRun) async throws -> Bool

    /// Runs after a job, whether it has succeeded or failed.
    ///
    /// - Parameter run: What was run; its output may be changed.
    /// - Throws: An error makes a failure of a success; after another error it is logged.
    func postProcessor(_ run: inout TaskRun) async throws
}

extension TaskMiddleware {
    /// The type's name with a small first letter.
    public static var name: String { defaultName(of: Self.self) }
    /// Runs only for tasks that name it.
    public static var isGlobal: Bool { false }
    /// The default place among the global ones.
    public static var priority: Int { ActionMiddlewarePriority.unspecified }
    /// Every job is wanted.
    public func preEnqueue(_ job: inout EnqueuedTask) async throws -> Bool { true }
    /// Does nothing.
    public func postEnqueue(_ job: EnqueuedTask) async throws {}
    /// Every job is to run.
    public func preProcessor(_ run: inout TaskRun) async throws -> Bool { true }
    /// Does nothing.
    public func postProcessor(_ run: inout TaskRun) async throws {}
}

/// A job that is enqueued, as ``TaskMiddleware`` sees it.
public struct EnqueuedTask: Sendable {
    /// The process that enqueues it.
    public let application: Application
    /// The task's name.
    public let name: String
    /// Where the job will wait.
    public let queue: String
    /// The inputs.
    public var inputs: JSON.Object

    package init(application: Application, name: String, queue: String, inputs: JSON.Object) {
        self.application = application
        self.name = name
        self.queue = queue
        self.inputs = inputs
    }
}

/// A job that runs, as ``TaskMiddleware`` sees it.
public struct TaskRun: Sendable {
    /// What the task gets.
    public let context: TaskContext
    /// The inputs that the task is going to get.
    public var inputs: JSON.Object
    /// What the task has returned; `null` before it has.
    public var output: JSON = .null
    /// Why it has failed; `nil` before, and when it has not.
    public package(set) var error: (any Error)?

    package init(context: TaskContext, inputs: JSON.Object) {
        self.context = context
        self.inputs = inputs
    }
}
