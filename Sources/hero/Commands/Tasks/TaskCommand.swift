// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import ArgumentParser
import HeroBundles
import HeroConfiguration
import HeroRuntime
import HeroSystem

struct TaskCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "task", abstract: "Run one task, or enqueue a job of it.",
        discussion: "`hero tasks` looks at what is enqueued.", subcommands: [Run.self, Enqueue.self])

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run one task in this process, and print its result as JSON.",
            usage: "hero task run <name> [--input value …]",
            discussion: """
                Inputs are flags; hero task run NAME --help lists them. The task's middleware runs, and nothing is enqueued. \
                An error ends with status 1.
                """)

        @Argument(help: "The task's name.")
        var name: String

        @Argument(parsing: .captureForPassthrough, help: ArgumentHelp("Inputs of the task.", visibility: .hidden))
        var inputs: [String] = []

        func run() async throws {
            if name == "--help" || name == "-h" { throw CleanExit.helpRequest(Self.self) }
            let code = try await CommandProcess.run { command in
                let tasks = command.process.tasks
                guard let record = tasks.registry.find(name) else {
                    throw CommandFailure(TaskCommand.unknown(name, tasks.registry))
                }
                if TaskCommand.asksForHelp(inputs) { return try TaskCommand.help("run", record) }
                let parameters = try TaskInputs.parse(inputs, record)
                return try await command.started {
                    let output = try await tasks.runLocally(name, parameters, isFull: true, command.application) {
                        Terminal.error(PlainText.line("\(Int(($0 * 100).rounded())) % \($1)"))
                    }
                    try ReservedOutput.print(output)
                    return 0
                }
            }
            throw ExitCode(code)
        }
    }

    static func asksForHelp(_ arguments: [String]) -> Bool {
        arguments.contains("--help") || arguments.contains("-h")
    }

    static func help(_ command: String, _ record: TaskRecord) throws -> Int32 {
        let note = CommandNote(
            name: "task \(command) \(record.name)", description: record.description, example: "",
            inputs: record.inputs)
        try ReservedOutput.print(InputFlags.help(note))
        return 0
    }

    static func unknown(_ name: String, _ registry: TaskRegistry) -> String {
        let nearest = Spelling.nearest(to: name, among: registry.all.map(\.name)).map { " – did you mean \($0)?" }
        return "there is no task \(name)\(nearest ?? "")"
    }
}

/// Inputs of a job as flags.
enum TaskInputs {
    /// - Parameters:
    ///   - arguments: Of the command line.
    ///   - record: The task; `nil` for one that is not known here, which may have any inputs.
    /// - Returns: What is stored: a number where the task wants one, since other programs read it, too.
    /// - Throws: ``CommandFailure``.
    static func parse(_ arguments: [String], _ record: TaskRecord?) throws -> JSON.Object {
        // `runAction` takes the parameters of any action beside its own inputs.
        let table = record.flatMap { $0.isBuiltIn ? nil : $0.inputs }
        var parameters = try InputFlags.parse(arguments, table)
        for input in table?.descriptions ?? [] where !input.type.contains("text") {
            guard let value = parameters[input.name] else { continue }
            parameters[input.name] = typed(value)
        }
        return parameters
    }

    /// Text that is JSON becomes it; any other stays, and is the task's to judge.
    private static func typed(_ value: JSON) -> JSON {
        switch value {
        case .string(let text): (try? JSON(parsing: text)) ?? value
        case .array(let elements): .array(elements.map(typed))
        case .null, .bool, .integer, .number, .object: value
        }
    }
}
