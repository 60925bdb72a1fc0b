// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import ArgumentParser
import HeroConfiguration
import HeroRedis
import HeroRuntime
import HeroShared
import HeroSystem
import HeroTasks

extension TaskCommand {
    struct Enqueue: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Enqueue a job of a task.",
            usage: "hero task enqueue [--queue <name>] [--in <seconds>] <name> [--input value …]",
            discussion: """
                Inputs are flags behind the name; hero task enqueue NAME --help lists them. They are checked as for any job. \
                With --queue it may also be a task that only another program has; then inputs are text and not checked. \
                Status 1 when no job was enqueued.
                """)

        @Option(help: ArgumentHelp("Another queue than the task's.", valueName: "name"))
        var queue: String?

        @Option(name: .customLong("in"), help: ArgumentHelp("Not now, but so much later.", valueName: "seconds"))
        var delay: Double = 0

        @Argument(help: "The task's name.")
        var name: String

        @Argument(parsing: .captureForPassthrough, help: ArgumentHelp("Inputs of the job.", visibility: .hidden))
        var inputs: [String] = []

        mutating func validate() throws {
            guard delay >= 0, delay <= 1e9 else {
                throw ValidationError("--in must be from 0 to 1000000000 seconds; it is \(delay)")
            }
            guard queue != "" else { throw ValidationError("a queue has a name") }
        }

        func run() async throws {
            if name == "--help" || name == "-h" { throw CleanExit.helpRequest(Self.self) }
            let code = try await CommandProcess.run { command in
                let registry = command.process.tasks.registry
                guard let record = registry.find(name) else {
                    guard let queue else {
                        throw CommandFailure(
                            "\(TaskCommand.unknown(name, registry))\n"
                                + "With --queue NAME before it, a job of a task of another program is enqueued.")
                    }
                    return try await enqueueForeign(queue, command)
                }
                if TaskCommand.asksForHelp(inputs) { return try TaskCommand.help("enqueue", record) }
                let parameters = try TaskInputs.parse(inputs, record)
                return try await command.started { try await enqueue(record, parameters, command) }
            }
            throw ExitCode(code)
        }

        private func enqueue(
            _ record: TaskRecord, _ parameters: JSON.Object, _ command: CommandProcess
        ) async throws -> Int32 {
            var job = Job(name, parameters)
            if let queue { job.options.queue = queue }
            if delay > 0 { job.options.start = .after(milliseconds: Int(delay * 1000)) }
            let result = try await command.application.facade.tasks.enqueue(job)
            guard result.isEnqueued else {
                Terminal.error("Error: not enqueued: \(Self.reason(result.outcome))")
                return 1
            }
            let id = result.jobID.map { "; its id is \($0)" } ?? ""
            try ReservedOutput.print("enqueued \(name) in \(queue ?? record.queue)\(later)\(id)")
            return 0
        }

        private static func reason(_ outcome: EnqueueResult.Outcome) -> String {
            switch outcome {
            case .duplicate: "an equal job is there already"
            case .vetoed: "middleware or a plugin of the task did not want it"
            default: "\(outcome)"
            }
        }

        private var later: String { delay > 0 ? ", to run in \(SpanText.of(Int(delay * 1000)))" : "" }

        private func enqueueForeign(_ queue: String, _ command: CommandProcess) async throws -> Int32 {
            let parameters = JSON.object(try TaskInputs.parse(inputs, nil))
            guard let client = command.hosted.redis.clients?.tasks else {
                throw CommandFailure("redis.enabled is false: there are no background jobs")
            }
            let answer: EnqueueAnswer
            do {
                let keys = try JobKeys(
                    namespace: command.application.core.tasks.namespace, isCluster: client is RedisClusterClient)
                let api = QueueAPI(JobStore(client, keys))
                if delay > 0 {
                    answer = try await api.enqueueIn(Int(delay * 1000), name, parameters, queue: queue)
                } else {
                    answer = try await api.enqueue(name, parameters, queue: queue)
                }
            } catch let error as RedisError {
                throw CommandFailure(error.message)
            }
            guard answer == .enqueued else {
                Terminal.error("Error: not enqueued: \(Self.reason(.duplicate))")
                return 1
            }
            try ReservedOutput.print("enqueued \(name) in \(queue)\(later); no task here has checked its inputs")
            return 0
        }
    }
}
