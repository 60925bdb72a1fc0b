// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import ArgumentParser
import HeroBundles
import HeroConfiguration
import HeroLog
import HeroRuntime
import HeroShared
import HeroSystem

/// Commands that the project's bundles contribute.
///
/// What they are called and what their help says stands in the bundles' notes: nothing is loaded before one of them is
/// to run.
enum ApplicationCommands {
    /// Runs a command of the project's own, if the arguments name one.
    ///
    /// - Returns: The exit code, or `nil` when the arguments are for a built-in command.
    /// - Throws: ``CommandFailure`` when they are for none, with the nearest one.
    static func run(_ arguments: [String]) async throws -> Int32? {
        var arguments = arguments
        if arguments.count > 1, arguments[0] == "help" { arguments = Array(arguments.dropFirst()) + ["--help"] }
        guard let first = arguments.first, !first.hasPrefix("-"), !BuiltInCommands.names.contains(first) else {
            return nil
        }
        let noted = NotedCommands.read(in: Project.root)
        let words = arguments.prefix { !$0.hasPrefix("-") }
        for count in stride(from: words.count, to: 0, by: -1) {
            let name = words.prefix(count).joined(separator: " ")
            guard let command = noted.commands.first(where: { $0.name == name }) else { continue }
            let rest = Array(arguments.dropFirst(count))
            if rest.contains("--help") || rest.contains("-h") {
                Terminal.print(InputFlags.help(command))
                return 0
            }
            return try await run(command, rest)
        }
        throw CommandFailure(
            "`\(words.joined(separator: " "))` is not a method I can perform.\n" + hint(first, noted),
            exitCode: CommandFailure.usageExitCode)
    }

    static func isRootHelp(_ arguments: [String]) -> Bool {
        arguments.isEmpty || arguments == ["help"] || arguments == ["--help"] || arguments == ["-h"]
    }

    /// A paragraph for the root's help, and whether hero's own commands belong beside it (`general.cliIncludeInternal`);
    /// the paragraph is empty when the project has no commands.
    static func help() -> (text: String, includesBuiltIn: Bool) {
        let noted = NotedCommands.read(in: Project.root)
        guard !noted.isEmpty else { return ("", true) }
        let entries = noted.commands.map { (PlainText.line($0.name), PlainText.line($0.description)) }
        let width = max(22, entries.map(\.0.count).max() ?? 0)
        var lines = entries.map { name, description in
            "  \(name)\(String(repeating: " ", count: width - name.count + 2))\(description)"
        }
        lines += noted.unknown.map { "  \(NotedCommands.remedy($0))" }
        let text = (["COMMANDS OF THIS PROJECT:"] + lines).joined(separator: "\n")
        return (text, includesBuiltIn)
    }

    private static var includesBuiltIn: Bool {
        var setup = ProcessSetup(projectRoot: Project.root, environment: Project.environment, logMode: .command)
        setup.onlyLooks = true
        return (try? setup.makeApplication())?.core.general.cliIncludeInternal ?? true
    }

    private static func hint(_ word: String, _ noted: NotedCommands) -> String {
        let names = noted.commands.map(\.name) + BuiltInCommands.names
        let nearest = Spelling.nearest(to: word, among: names).map { "did you mean `\($0)`? " } ?? ""
        let unknown = (noted.unknown.map(NotedCommands.remedy) + CommandWords.unbuiltCommands).map { "\n\($0)" }
            .joined()
        return "\(nearest)run `hero help` to learn more\(unknown)"
    }

    private static func run(_ noted: CommandNote, _ arguments: [String]) async throws -> Int32 {
        let setup = ProcessSetup(projectRoot: Project.root, environment: Project.environment, logMode: .command)
        let application = try Refusal.reported { try setup.makeApplication() }
        let kind = HostedProcess.Kind(
            servers: .none, redis: { try ProcessRedis(command: $0) }, bundles: { try Project.loadBundles($0) })
        let hosted = try await Refusal.awaited { try await HostedProcess(application, kind) }
        do {
            let process = hosted.process
            guard let command = process.commands.first(where: { $0.name == noted.name }) else {
                throw CommandFailure(
                    "the command \(noted.name) is not in the bundle whose note has it: run hero build")
            }
            let parameters = try InputFlags.parse(arguments, command.inputs)
            try await process.initialize()
            try await command.run(parameters, application.facade)
            await hosted.redis.close()
            application.log.flush()
            withExtendedLifetime(hosted) {}
            return 0
        } catch {
            await hosted.redis.close()
            application.log.flush()
            throw error is CommandFailure ? error : CommandFailure("\(error)")
        }
    }
}
