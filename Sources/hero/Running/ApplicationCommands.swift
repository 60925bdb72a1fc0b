// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import ArgumentParser
import Glibc
import HeroBundles
import HeroCore

/// Commands that the project's bundles contribute.
enum ApplicationCommands {
    /// Runs a command of the project's own, if the arguments name one.
    ///
    /// - Returns: The exit code, or `nil` when the arguments are for a built-in command.
    static func run(_ arguments: [String]) async throws -> Int32? {
        var arguments = arguments
        if arguments.count > 1, arguments[0] == "help" { arguments = Array(arguments.dropFirst()) + ["--help"] }
        guard let first = arguments.first, !first.hasPrefix("-"), !builtIn.contains(first),
            FileContents.isDirectory("\(Project.root)/commands")
        else { return nil }
        let application = try load()
        let words = arguments.prefix { !$0.hasPrefix("-") }
        for count in stride(from: words.count, to: 0, by: -1) {
            let name = words.prefix(count).joined(separator: " ")
            guard let command = application.process.commands.first(where: { $0.name == name }) else { continue }
            return try await run(command, Array(arguments.dropFirst(count)), application.process)
        }
        throw CommandFailure(
            "`\(words.joined(separator: " "))` is not a method I can perform.\n" + hint(first, application.process),
            exitCode: CommandFailure.usageExitCode)
    }

    static func isRootHelp(_ arguments: [String]) -> Bool {
        arguments.isEmpty || arguments == ["help"] || arguments == ["--help"] || arguments == ["-h"]
    }

    /// A paragraph for the root's help, and whether hero's own commands belong beside it (`general.cliIncludeInternal`);
    /// the paragraph is empty when the project has no commands or cannot be loaded.
    static func help() -> (text: String, includesBuiltIn: Bool) {
        guard FileContents.isDirectory("\(Project.root)/commands"), let (process, _) = try? load(),
            !process.commands.isEmpty
        else { return ("", true) }
        let commands = process.commands
        let width = commands.map(\.name.count).max() ?? 0
        let lines = commands.map { command in
            "  \(command.name)\(String(repeating: " ", count: max(22, width) - command.name.count + 2))\(command.description)"
        }
        let text = (["COMMANDS OF THIS PROJECT:"] + lines).joined(separator: "\n")
        return (text, process.application.core.general.cliIncludeInternal)
    }

    /// First words that are never an application's command.
    static let builtIn: Set<String> = Set(
        Hero.configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"])

    private static func hint(_ word: String, _ process: HeroProcess) -> String {
        let names = process.commands.map(\.name) + builtIn
        let nearest = Spelling.nearest(to: word, among: names).map { "did you mean `\($0)`? " } ?? ""
        return "\(nearest)run `hero help` to learn more"
    }

    private static func load() throws -> (process: HeroProcess, held: HeldGeneration) {
        let setup = ProcessSetup(projectRoot: Project.root, environment: Project.environment, logMode: .command)
        return try Refusal.reported {
            let application = try setup.makeApplication()
            let (bundles, held) = try Project.loadBundles(application)
            return (try HeroProcess(application, bundles: bundles), held)
        }
    }

    private static func run(
        _ command: CommandRecord, _ arguments: [String], _ process: HeroProcess
    ) async throws -> Int32 {
        if arguments.contains("--help") || arguments.contains("-h") {
            print(
                InputFlags.help(
                    name: command.name, description: command.description, example: command.example, command.inputs))
            return 0
        }
        let parameters = try InputFlags.parse(arguments, command.inputs)
        let redis = try Refusal.reported { try ProcessRedis(command: process.application) }
        do {
            try await process.initialize()
            try await command.run(parameters, process.application.facade)
            await redis.close()
            process.application.log.flush()
            return 0
        } catch {
            await redis.close()
            process.application.log.flush()
            throw CommandFailure("\(error)")
        }
    }
}
