// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero

/// The task of the framework's own that goes on with a chain: it enqueues the next job, with those behind it.
///
/// It is what follows a batch of one job. So nothing of a chain depends on the process that ran the job before: when that one
/// dies after the job and before this task, the batch still has it.
struct ContinueChain: BackgroundTask {
    static let description = "Enqueues the next job of a chain"

    @Input("The jobs that are left, the next one first") var jobs: [JSON]

    func run(_ context: TaskContext) async throws {
        try await context.tasks.enqueue(chain: try jobs.map(Job.init(chained:)))
    }
}

extension PreparedJob {
    /// What goes on with the chain when this job has succeeded; `nil` at its end.
    package var continuation: Job? {
        next.isEmpty ? nil : Job(ContinueChain.name, ["jobs": .array(next.map(\.chained))])
    }
}

extension Job {
    /// The job as an input of ``ContinueChain``: of its options those that make sense later.
    var chained: JSON {
        var object: JSON.Object = ["name": .string(name), "inputs": .object(inputs)]
        object["queue"] = options.queue.map { .string($0) }
        switch options.start {
        case .now: break
        case .after(let milliseconds): object["after"] = .integer(milliseconds)
        case .at(let milliseconds): object["at"] = .integer(milliseconds)
        }
        object["unique"] = options.uniqueMilliseconds.map { .integer($0) }
        object["uniqueKey"] = options.uniqueKey.map { .string($0) }
        object["expires"] = options.expiresMilliseconds.map { .integer($0) }
        object["result"] = options.resultMilliseconds.map { .integer($0) }
        if let durability = options.durability {
            object["replicas"] = .integer(durability.replicas)
            object["replicasWithin"] = .integer(durability.timeout.wholeMilliseconds)
        }
        return .object(object)
    }

    /// - Throws: ``TaskError`` for what ``chained`` has not written.
    init(chained value: JSON) throws(TaskError) {
        guard let name = value["name"]?.stringValue, let inputs = value["inputs"]?.objectValue else {
            throw TaskError(.invalidInputs, "a job of a chain has a name and inputs; this one is \(value)")
        }
        self.init(name, inputs)
        options.queue = value["queue"]?.stringValue
        if let milliseconds = value["after"]?.intValue { options.start = .after(milliseconds: milliseconds) }
        if let milliseconds = value["at"]?.intValue { options.start = .at(milliseconds: milliseconds) }
        options.uniqueMilliseconds = value["unique"]?.intValue
        options.uniqueKey = value["uniqueKey"]?.stringValue
        options.expiresMilliseconds = value["expires"]?.intValue
        options.resultMilliseconds = value["result"]?.intValue
        if let replicas = value["replicas"]?.intValue {
            let timeout = value["replicasWithin"]?.intValue ?? 1000
            options.durability = .replicas(replicas, timeout: .milliseconds(timeout))
        }
    }
}
