// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import ArgumentParser
import HeroRuntime
import HeroServers
import HeroShared
import HeroSystem

struct ActionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "actions", abstract: "Show the project's actions.", subcommands: [List.self],
        defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List all actions with their versions and inputs.")

        @OptionGroup var options: ProjectOptions

        @Flag(help: "Print a JSON array.")
        var json = false

        func run() async throws {
            ReservedOutput.begin()
            // Loading leaves a store of bundles behind, and this command only looks.
            let actions = try Project.exists ? loaded() : []
            if json {
                try ReservedOutput.print(.array(actions.map(Self.json)))
            } else if actions.isEmpty {
                try ReservedOutput.print("there are no actions yet: hero generate action NAME, then hero build")
            } else {
                try ReservedOutput.print(actions.map(Self.text).joined(separator: "\n\n"))
            }
        }

        private func loaded() throws -> [ActionRecord] {
            let setup = options.setup(.command)
            let (process, _) = try Refusal.reported {
                let application = try setup.makeApplication()
                let (bundles, held) = try Project.loadBundles(application)
                return (try HeroProcess(application, bundles: bundles, checking: RouteCheck.problems), held)
            }
            return process.processor.actions.all
        }

        private static func text(_ action: ActionRecord) -> String {
            var lines = [
                "--- \(action.name) ---", "  version: \(action.version)", "  description: \(action.description)",
                "  file: \(action.file)",
            ]
            let inputs = action.inputs.descriptions
            if !inputs.isEmpty { lines.append("  inputs:") }
            for input in inputs {
                let required = input.isRequired ? "required" : input.defaultText.map { "default \($0)" } ?? "optional"
                lines.append("    \(input.name) (\(input.type), \(required)): \(input.help)")
            }
            return lines.map(PlainText.line).joined(separator: "\n")
        }

        private static func json(_ action: ActionRecord) -> JSON {
            var object: JSON.Object = [
                "name": .string(action.name), "version": .string(action.version),
                "description": .string(action.description), "file": .string(action.file),
                "inputs": .array(action.inputs.descriptions.map(Self.json)),
            ]
            if let example = action.outputExample { object["outputExample"] = example }
            return .object(object)
        }

        private static func json(_ input: InputDescription) -> JSON {
            var object: JSON.Object = [
                "name": .string(input.name), "help": .string(input.help), "type": .string(input.type),
                "required": .bool(input.isRequired), "secret": .bool(input.isSecret),
            ]
            if let text = input.defaultText { object["default"] = (try? JSON(parsing: text)) ?? .string(text) }
            if !input.nested.isEmpty { object["inputs"] = .array(input.nested.map(Self.json)) }
            return .object(object)
        }
    }
}
