// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A job to be enqueued: a task, its inputs, and what else is to be said about it.
///
///     let jobs = try addresses.map { address in try Job(SendEmail.self) { $0.to = address } }
///     try await context.tasks.enqueue(jobs)
public struct Job: Sendable {
    /// The task's name, Resque's `class`.
    public let name: String
    /// The inputs by their names, in the order in which they are stored.
    public var inputs: JSON.Object
    package var options: JobOptions

    /// Makes a job of a task that is known by its name only, as that of another bundle is.
    ///
    /// - Parameters:
    ///   - name: The task's name.
    ///   - inputs: The inputs by their names.
    ///   - options: What else is to be said.
    public init(_ name: String, _ inputs: JSON.Object = [:], _ options: JobOption...) {
        self.init(name: name, inputs: inputs, options: options)
    }

    /// Makes a job of a task whose type is in reach.
    ///
    /// - Parameters:
    ///   - type: The task.
    ///   - options: What else is to be said.
    ///   - inputs: Sets the inputs of an instance; those that it leaves alone have their defaults.
    /// - Throws: What `inputs` throws; ``TaskError`` for an input that has no JSON form.
    public init<T: BackgroundTask>(
        _ type: T.Type, _ options: JobOption..., inputs: (inout T) throws -> Void = { _ in }
    ) throws {
        try self.init(type: type, options: options, inputs: inputs)
    }

    package init(name: String, inputs: JSON.Object, options: [JobOption]) {
        self.name = name
        self.inputs = inputs
        self.options = JobOptions(options)
    }

    init<T: BackgroundTask>(type: T.Type, options: [JobOption], inputs: (inout T) throws -> Void) throws {
        var instance = T()
        try inputs(&instance)
        self.init(name: type.name, inputs: try InputValues.object(of: instance), options: options)
    }
}

/// Something to be said about a job that is enqueued.
///
///     try await context.tasks.enqueue(SendEmail.self, .after(.seconds(60)), .unique(for: .seconds(3600))) { $0.to = to }
public struct JobOption: Sendable {
    private let change: @Sendable (inout JobOptions) -> Void

    private init(_ change: @escaping @Sendable (inout JobOptions) -> Void) { self.change = change }

    func apply(to options: inout JobOptions) { change(&options) }

    /// The job waits in another queue than that of its task.
    ///
    /// - Parameter name: The queue.
    /// - Returns: The option.
    public static func queue(_ name: String) -> JobOption { JobOption { $0.queue = name } }

    /// The job waits for a time, in whole seconds as Resque counts them, and then in its queue.
    ///
    /// - Parameter delay: For how long; rounded to the nearest second.
    /// - Returns: The option.
    public static func after(_ delay: Duration) -> JobOption {
        JobOption { $0.start = .after(milliseconds: delay.wholeMilliseconds) }
    }

    /// The job waits until a time, in whole seconds as Resque counts them, and then in its queue.
    ///
    /// - Parameter milliseconds: Since 1970; rounded to the nearest second. One that has passed is due at once.
    /// - Returns: The option.
    public static func at(milliseconds: Int) -> JobOption { JobOption { $0.start = .at(milliseconds: milliseconds) } }

    /// The job is not enqueued when one with the same key was in that time, whatever has become of it since.
    ///
    /// Who does not know whether a job was enqueued can do it again.
    ///
    /// - Parameters:
    ///   - period: For how long.
    ///   - key: What tells jobs apart; `nil` for task and inputs together.
    /// - Returns: The option.
    public static func unique(for period: Duration, key: String? = nil) -> JobOption {
        JobOption { options in
            options.uniqueMilliseconds = period.wholeMilliseconds
            options.uniqueKey = key
        }
    }

    /// What has to have stored the job before enqueuing it returns, in place of what its task says.
    ///
    /// - Parameter durability: What has to have it.
    /// - Returns: The option.
    public static func durability(_ durability: Durability) -> JobOption { JobOption { $0.durability = durability } }

    /// What becomes of the job while Redis is away, in place of ``WhenAway/fail``.
    ///
    /// - Parameter whenAway: What becomes of it.
    /// - Returns: The option.
    public static func whenAway(_ whenAway: WhenAway) -> JobOption { JobOption { $0.whenAway = whenAway } }

    /// The job is dropped, and counted, when its turn has not come in that time, in place of what its task says.
    ///
    /// - Parameter period: For how long it is good; of a delayed job from when it is due.
    /// - Returns: The option.
    public static func expires(after period: Duration) -> JobOption {
        JobOption { $0.expiresMilliseconds = period.wholeMilliseconds }
    }

    /// The job gets an id, by which its progress and its result can be asked for, in place of what its task says.
    ///
    /// - Parameter period: How long after its end.
    /// - Returns: The option.
    public static func keepingResult(for period: Duration) -> JobOption {
        JobOption { $0.resultMilliseconds = period.wholeMilliseconds }
    }
}

/// All that can be said about a job, as the host sees it.
///
/// Times are in milliseconds; `nil` stands for what the task says.
package struct JobOptions: Sendable {
    package enum Start: Sendable, Hashable {
        case now
        case after(milliseconds: Int)
        /// Since 1970.
        case at(milliseconds: Int)
    }

    package var queue: String?
    package var start = Start.now
    package var uniqueMilliseconds: Int?
    package var uniqueKey: String?
    package var durability: Durability?
    package var whenAway = WhenAway.fail
    package var expiresMilliseconds: Int?
    package var resultMilliseconds: Int?
    /// Jobs that are enqueued one after the other when this one has succeeded.
    package var next: [Job] = []

    package init(_ options: [JobOption] = []) {
        for option in options { option.apply(to: &self) }
    }
}
