// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Work that is done later, by some process of the cluster, at least once.
///
///     struct SendEmail: BackgroundTask {
///         static let description = "Sends one message"
///         static let queue = "mails"
///
///         @Input("The address") var to: String
///         @Input("The subject") var subject: String
///
///         func run(_ context: TaskContext) async throws {
///             try await context.services.require(Mailer.self).send(to: to, subject: subject)
///         }
///     }
///
///     try await context.tasks.enqueue(SendEmail.self) { $0.to = "ada@example.org"; $0.subject = "Hello" }
///
/// Inputs are declared as those of an ``Action`` are. They are validated when the job is enqueued, so that the caller hears
/// of a mistake, and again when it runs, as other programs can enqueue, too. The host makes one instance per run.
///
/// A job may run more than once: after a crash of its process, and when an error is retried. What it does to the outside
/// has to bear that; ``TaskContext/attempt`` tells the runs apart.
///
/// The static properties are written without a type annotation in most cases (`static let frequency = Duration.seconds(60)`),
/// so none of them is optional: one of another type would not be this protocol's and would go unnoticed. Zero and empty
/// text stand for nothing.
public protocol BackgroundTask: InputObject {
    /// What ``run(_:)`` returns: `Void`, or something `Encodable` that is kept as the job's result.
    associatedtype Output: Sendable

    /// The name in jobs, Resque's `class`. Default: the type's name with a small first letter.
    static var name: String { get }
    /// What the task does, in one sentence. Default: ``name``.
    static var description: String { get }
    /// Where its jobs wait, when the caller names no other queue. Default: `default`.
    static var queue: String { get }
    /// How often it runs by itself, once in the whole cluster; zero for never. Default: zero.
    ///
    /// A task that runs by itself gets the plugins that keep it from running twice at the same time.
    static var frequency: Duration { get }
    /// When it runs by itself, as a line of cron: `30 4 * * MON-FRI` or `@daily`; empty for never. Default: empty.
    ///
    /// It has either this or a ``frequency``.
    static var cron: String { get }
    /// The time zone of ``cron``, for example `Europe/Berlin`. Default: `UTC`.
    static var timeZone: String { get }
    /// What is done about runs that were due while no scheduler ran. Default: ``MissedRuns/skip``.
    static var missedRuns: MissedRuns { get }
    /// Whether a task that runs by itself does so again after a run that threw and is not tried again. Default: `true`.
    ///
    /// When it does not, ``Tasks/enqueueRecurrent(_:)`` lets it go on.
    static var reEnqueuePeriodicTaskIfException: Bool { get }
    /// Names of ``TaskMiddleware`` to run in addition to the global ones, in this order. Default: none.
    static var middleware: [String] { get }
    /// What Resque's plugins do around its jobs, in this order. Default: none.
    static var plugins: [ResquePlugin] { get }
    /// How often and when a job that threw is tried again. Default: ten times, after 5 s and then ever later.
    static var retry: RetryPolicy { get }
    /// After how long a run is cancelled and counts as failed; zero for never. Default: zero.
    static var timeout: Duration { get }
    /// How many of its jobs run at the same time in the whole cluster; zero for any number. Default: zero.
    static var concurrency: Int { get }
    /// How many of its jobs start in a time in the whole cluster. Default: any number.
    static var rateLimit: TaskRateLimit { get }
    /// For how long a job is not enqueued again with the same inputs; zero for never. Default: zero.
    static var uniqueFor: Duration { get }
    /// After how long a job whose turn has not come is dropped, and counted; zero for never. Default: zero.
    static var expires: Duration { get }
    /// For how long its result can be asked for with ``Tasks/result(_:)``; zero keeps none. Default: zero.
    static var resultLifetime: Duration { get }
    /// What has to have stored a job before enqueuing it returns. Default: ``Durability/local``.
    static var durability: Durability { get }
    /// Where ``run(_:)`` starts. Default: ``Execution/eventLoop``.
    static var execution: Execution { get }

    /// Does the work.
    ///
    /// Called once per instance, in a task of its own. That is cancelled when ``timeout`` is over, when the job's lease is
    /// lost and so another process may have begun it, and when the process stops and the job has not ended in time; in the
    /// last two cases the job goes back to its queue.
    ///
    /// - Parameter context: Everything the task may touch.
    /// - Returns: The result of the job.
    /// - Throws: Any error fails this run; ``retry`` says what then.
    func run(_ context: TaskContext) async throws -> Output
}

extension BackgroundTask {
    /// The type's name with a small first letter.
    public static var name: String { defaultName(of: Self.self) }
    /// The task's name.
    public static var description: String { name }
    /// The queue `default`.
    public static var queue: String { "default" }
    /// It does not run by itself.
    public static var frequency: Duration { .zero }
    /// It does not run by itself.
    public static var cron: String { "" }
    /// Coordinated universal time.
    public static var timeZone: String { "UTC" }
    /// What was missed is skipped.
    public static var missedRuns: MissedRuns { .skip }
    /// It goes on after an error.
    public static var reEnqueuePeriodicTaskIfException: Bool { true }
    /// No middleware besides the global ones.
    public static var middleware: [String] { [] }
    /// No plugins.
    public static var plugins: [ResquePlugin] { [] }
    /// Ten times, after 5 s and then ever later.
    public static var retry: RetryPolicy { RetryPolicy() }
    /// No time limit.
    public static var timeout: Duration { .zero }
    /// Any number at the same time.
    public static var concurrency: Int { 0 }
    /// Any number.
    public static var rateLimit: TaskRateLimit { .unlimited }
    /// Equal jobs are enqueued as often as they are asked for.
    public static var uniqueFor: Duration { .zero }
    /// Jobs wait for as long as it takes.
    public static var expires: Duration { .zero }
    /// No results are kept.
    public static var resultLifetime: Duration { .zero }
    /// Redis alone.
    public static var durability: Durability { .local }
    /// Tasks start on the event loop.
    public static var execution: Execution { .eventLoop }
}
