// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import ArgumentParser
import CHero
import Glibc

/// The command line.
///
/// Each command is a file in `Commands/`.
@main
struct Hero: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hero",
        abstract: "A framework and host for API servers and background jobs in Swift.",
        discussion: "Run a command in the directory of a project, or set PROJECT_ROOT.",
        version: SDK.version,
        subcommands: BuiltInCommands.all)

    static func main() {
        Terminal.watchOutput()
        hero_close_inherited_on_execution()
        ClusterWorker.ignoreSignalsForTheMaster()
        SingleProcess.listenEarly()
        // Whatever mode a file is made with, and whatever the starter has allowed: nobody but the group may write to it.
        _ = umask(umask(0o077) | 0o002)
        CommandLineSecrets.hide()
        MainThread.serve {
            await run(Array(CommandLine.arguments.dropFirst()))
            leave(0)
        }
    }

    private static func run(_ arguments: [String]) async {
        do {
            if try await runWithoutParser(arguments) { leave(0) }
            if let code = try await ApplicationCommands.run(arguments) { leave(code) }
            try CommandWords.check(arguments)
        } catch let code as ExitCode {
            leave(code.rawValue)
        } catch {
            finish(error)
        }
        do {
            var command = try parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let failure as CommandFailure {
            finish(failure)
        } catch let code as ExitCode {
            leave(code.rawValue)
        } catch {
            if ApplicationCommands.isRootHelp(arguments) { printHelp() }
            let code = exitCode(for: error)
            let message = fullMessage(for: error)
            if code == .success { Terminal.print(message) } else { Terminal.error(message) }
            leave(code.rawValue)
        }
    }

    /// Runs the commands that are given without flags most often: by service managers, and after each change of a source.
    ///
    /// The parser takes a tenth of the time until requests are answered.
    ///
    /// - Returns: `false` when it is another command or has flags.
    private static func runWithoutParser(_ arguments: [String]) async throws -> Bool {
        switch arguments {
        case ["start"]: throw ExitCode(try await StartCommand.withoutFlags())
        case ["build"]: try await BuildCommand.build()
        default: return false
        }
        return true
    }

    private static func finish(_ error: any Error) -> Never {
        let failure = error as? CommandFailure ?? CommandFailure("\(error)")
        Terminal.error("Error: \(failure.description)")
        leave(failure.exitCode)
    }

    private static func leave(_ code: Int32) -> Never {
        UnaskedEnd.isExpected()
        // Flushes what was printed; see Terminal.
        Glibc.exit(code)
    }

    /// The root's help, with the commands of the project behind the built-in ones.
    private static func printHelp() {
        let (text, includesBuiltIn) = ApplicationCommands.help()
        if includesBuiltIn { Terminal.print(helpMessage()) }
        if !text.isEmpty { Terminal.print(includesBuiltIn ? "\n\(text)" : text) }
        leave(0)
    }
}
