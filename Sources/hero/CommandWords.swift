// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import ArgumentParser
import HeroBundles
import HeroConfiguration
import HeroRuntime
import HeroSystem

/// The words of a command line that should name commands of hero below its own.
///
/// The parser would only call a mistyped one unexpected. The first word is ``ApplicationCommands``' to judge.
enum CommandWords {
    /// - Parameter arguments: Of the command line; `help` may come first.
    /// - Throws: ``CommandFailure`` with the nearest command when a word names none.
    static func check(_ arguments: [String]) throws {
        var command: any ParsableCommand.Type = Hero.self
        var path = ["hero"]
        for word in arguments.first == "help" ? arguments.dropFirst() : arguments[...] {
            // What follows a flag may be its value; flags are the parser's to judge.
            let subcommands = command.configuration.subcommands
            guard !word.hasPrefix("-"), !subcommands.isEmpty else { return }
            guard let next = subcommands.first(where: { names(of: $0).contains(word) }) else {
                if command == Hero.self { return }
                throw failure(word, path, subcommands.flatMap(names(of:)))
            }
            command = next
            path.append(word)
        }
    }

    private static func failure(_ word: String, _ path: [String], _ known: [String]) -> CommandFailure {
        let parent = path.joined(separator: " ")
        var text = "`\(word)` is no command of `\(parent)`"
        if let nearest = Spelling.nearest(to: word, among: known) { text += " – did you mean `\(parent) \(nearest)`?" }
        if path.last == GenerateCommand.configuration.commandName {
            text += "\n`hero new \(word)` would make a project of that name."
        }
        let help = "See '\(parent) --help' for more information."
        return CommandFailure("\(text)\n\(help)", exitCode: CommandFailure.usageExitCode)
    }

    /// A command may be missing because nobody has built it.
    static var unbuiltCommands: [String] {
        SourceFiles.withoutBundle(.command, in: Project.root).prefix(3).map {
            "\(PlainText.line($0)) is not built: run `hero build`"
        }
    }

    private static func names(of command: any ParsableCommand.Type) -> [String] {
        [command.configuration.commandName ?? "\(command)".lowercased()] + command.configuration.aliases
    }
}
