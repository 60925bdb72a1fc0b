// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
package import Synchronization

/// A task, with everything about it read once when its bundle was loaded.
///
/// Times are in milliseconds; 0 stands for none.
package final class TaskRecord: Sendable {
    package let name: String
    package let description: String
    package let queue: String
    package let frequency: Int
    /// Empty for none.
    package let cron: String
    package let timeZone: String
    package let missedRuns: MissedRuns
    package let reEnqueuesAfterErrors: Bool
    /// With those that a task that runs by itself has in any case.
    package let plugins: [ResquePlugin]
    package let retry: RetryPolicy
    package let timeout: Int
    /// How many may run at the same time in the whole cluster.
    package let concurrency: Int
    package let rateLimit: TaskRateLimit
    package let uniqueFor: Int
    package let expires: Int
    package let resultLifetime: Int
    package let durability: Durability
    package let execution: Execution
    package let inputs: InputTable
    /// The bundle that defines it, for messages.
    package let file: String
    /// The type in there, without its module.
    package let typeName: String?
    /// What runs around it, in order.
    package let chain: [any TaskMiddleware]
    private let quarantined = Atomic<Bool>(false)
    /// Its number on the board, where a crash finds it; those of actions come before.
    package let boardNumber = Atomic<Int>(0)
    /// Makes an instance from inputs; the result runs it.
    private let instantiate: Instantiate
    private let fault: String?

    package typealias Run = @Sendable (TaskContext) async throws -> JSON
    private typealias Instantiate = @Sendable (JSON.Object, _ missingValues: [JSON]) throws(InputProblems) -> Run

    /// - Parameters:
    ///   - type: The task.
    ///   - file: The bundle that defines it.
    ///   - chain: What runs around it, in order.
    /// - Throws: `InputDeclarationError`, ``TaskFault``.
    package init<T: BackgroundTask>(_ type: T.Type, file: String, chain: [any TaskMiddleware] = []) throws {
        let table = try InputTable.of(type)
        name = type.name
        description = type.description
        queue = type.queue
        frequency = type.frequency.wholeMilliseconds
        cron = type.cron
        timeZone = type.timeZone
        missedRuns = type.missedRuns
        reEnqueuesAfterErrors = type.reEnqueuePeriodicTaskIfException
        plugins = Self.plugins(type)
        retry = type.retry
        timeout = type.timeout.wholeMilliseconds
        concurrency = type.concurrency
        rateLimit = type.rateLimit
        uniqueFor = type.uniqueFor.wholeMilliseconds
        expires = type.expires.wholeMilliseconds
        resultLifetime = type.resultLifetime.wholeMilliseconds
        durability = type.durability
        execution = type.execution
        inputs = table
        self.file = file
        typeName = _typeName(type, qualified: false)
        self.chain = chain
        let encode = try Self.encoder(of: T.Output.self)
        instantiate = { inputs, missingValues throws(InputProblems) in
            let instance =
                table.isEmpty ? T() : try table.instantiate(T.self, from: inputs, missingValues: missingValues)
            return { context in try encode(try await instance.run(context)) }
        }
        fault = Self.fault(type)
    }

    /// What the master calls it.
    package var label: String { "task \(name)" }

    /// Whether its jobs are refused, because it has crashed too many workers.
    package var isQuarantined: Bool {
        get { quarantined.load(ordering: .relaxed) }
        set { quarantined.store(newValue, ordering: .relaxed) }
    }

    /// Whether it is the framework's own.
    package var isBuiltIn: Bool { file == Self.builtIn }

    /// In place of a bundle.
    package static let builtIn = "hero"

    /// Whether it runs by itself.
    package var isPeriodic: Bool { frequency > 0 || !cron.isEmpty }

    /// Why it cannot be used; `nil` when it can.
    var problem: String? {
        if name.isEmpty { return "name is required for this task" }
        if description.isEmpty { return "description is required for the task `\(name)`" }
        if queue.isEmpty { return "queue is required for the task `\(name)`" }
        return fault.map { "task `\(name)`: \($0)" }
    }

    // MARK: Inputs

    /// Checks the inputs of a job that is to be enqueued.
    ///
    /// - Parameters:
    ///   - inputs: What the caller has given.
    ///   - missingValues: Values that count as missing for a required input.
    /// - Returns: What is stored: what was given as it was given, then the defaults of what was not.
    /// - Throws: ``TaskError`` with the first problem.
    package func validated(_ inputs: JSON.Object, missingValues: [JSON]) throws(TaskError) -> JSON.Object {
        let filled = self.inputs.fillingDefaults(of: inputs)
        do throws(InputProblems) {
            try self.inputs.check(filled, missingValues: missingValues)
        } catch {
            throw TaskError(.invalidInputs, text(of: error))
        }
        return filled
    }

    /// Makes an instance of inputs, which the result runs.
    ///
    /// - Throws: ``TaskError`` with the first problem of the inputs.
    package func prepare(_ inputs: JSON.Object, missingValues: [JSON]) throws(TaskError) -> Run {
        do throws(InputProblems) {
            return try instantiate(inputs, missingValues)
        } catch {
            throw TaskError(.invalidInputs, text(of: error))
        }
    }

    private func text(of problems: InputProblems) -> String {
        switch problems {
        case .missing(let names): "\(names.first ?? "") is a required input for task \(name)"
        case .invalid(let errors): errors.first.map { "\($0)" } ?? "the inputs of task \(name) are invalid"
        case .failed(let error): "\(error)"
        }
    }
}

/// Why a type cannot be a task.
package struct TaskFault: Error, CustomStringConvertible {
    package let description: String
}

extension TaskRecord {
    /// - Throws: ``TaskFault`` for an output that cannot be stored.
    private static func encoder<Output>(of type: Output.Type) throws(TaskFault) -> @Sendable (Output) throws -> JSON {
        if type == Void.self { return { _ in .null } }
        guard type is any Encodable.Type else {
            throw TaskFault(
                description: "run(_:) returns \(type), which is not Encodable; return something that is, or nothing")
        }
        return { output in
            guard let encodable = output as? any Encodable else { return .null }
            return try JSON(encodable)
        }
    }

    /// A task that runs by itself does not do so twice at the same time.
    private static func plugins<T: BackgroundTask>(_ type: T.Type) -> [ResquePlugin] {
        guard type.frequency > .zero || !type.cron.isEmpty else { return type.plugins }
        let kinds = Set(type.plugins.map(\.name))
        let own: [ResquePlugin] = [.jobLock(reEnqueue: false), .queueLock(), .delayQueueLock]
        return type.plugins + own.filter { !kinds.contains($0.name) }
    }

    private static func fault<T: BackgroundTask>(_ type: T.Type) -> String? {
        if type.frequency > .zero, !type.cron.isEmpty { return "it has a frequency and a cron; one has to go" }
        let durations = [
            ("frequency", type.frequency), ("timeout", type.timeout), ("uniqueFor", type.uniqueFor),
            ("expires", type.expires), ("resultLifetime", type.resultLifetime),
        ]
        if let negative = durations.first(where: { $0.1 < .zero }) { return "its \(negative.0) is negative" }
        if type.concurrency < 0 { return "its concurrency is \(type.concurrency), and must be 0 or more" }
        return type.retry.fault ?? type.rateLimit.fault
    }
}
