// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Create a project, or a file in one.",
        subcommands: [
            GenerateProject.self, GenerateAction.self, GenerateInitializer.self, GenerateMiddleware.self,
            GenerateApplicationCommand.self,
        ],
        defaultSubcommand: GenerateProject.self)
}

struct GenerateProject: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "project", abstract: "Create a project in an empty directory.")

    @Argument(help: "The directory; the working directory when none is given.")
    var directory: String?

    func run() throws { try ProjectTemplate().create(in: directory) }
}

/// What the commands for single files have in common.
struct GenerateOptions: ParsableArguments {
    @Option(name: [.short, .long], help: "The name, as clients and other files will use it.")
    var name: String

    @Option(name: [.short, .long], help: "What it does, in one sentence.")
    var description: String?
}

struct GenerateAction: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "action", abstract: "Create an action with its test.")
    @OptionGroup var options: GenerateOptions

    func run() throws {
        try FileTemplate(kind: .action, name: options.name, description: options.description ?? "an actionhero action")
            .create(in: Project.root)
    }
}

struct GenerateInitializer: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "initializer", abstract: "Create an initializer with its test.")
    @OptionGroup var options: GenerateOptions
    @Option(help: "Place among the initialize steps, 1 or more.") var loadPriority = 1000
    @Option(help: "Place among the start steps, 1 or more.") var startPriority = 1000
    @Option(help: "Place among the stop steps, 1 or more.") var stopPriority = 1000

    func validate() throws {
        for value in [loadPriority, startPriority, stopPriority] where value < 1 {
            throw ValidationError("a priority must be 1 or more, not \(value)")
        }
    }

    func run() throws {
        var template = FileTemplate(
            kind: .initializer, name: options.name, description: options.description ?? "an actionhero initializer")
        template.values["loadPriority"] = String(loadPriority)
        template.values["startPriority"] = String(startPriority)
        template.values["stopPriority"] = String(stopPriority)
        try template.create(in: Project.root)
    }
}

struct GenerateMiddleware: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "middleware", abstract: "Create an action middleware with its test.")
    @OptionGroup var options: GenerateOptions

    func run() throws {
        try FileTemplate(
            kind: .middleware, name: options.name, description: options.description ?? "an actionhero middleware"
        ).create(in: Project.root)
    }
}

struct GenerateApplicationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "command", abstract: "Create a command of the project's own with its test.")
    @OptionGroup var options: GenerateOptions

    func run() throws {
        try FileTemplate(
            kind: .command, name: options.name, description: options.description ?? "an actionhero command"
        )
        .create(in: Project.root)
    }
}
