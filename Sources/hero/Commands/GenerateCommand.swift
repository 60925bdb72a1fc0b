// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import HeroBundles

struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Create a project, or a file in one.",
        discussion: "Without a subcommand it creates a project in the working directory.",
        subcommands: [
            GenerateProject.self, GenerateAction.self, GenerateInitializer.self, GenerateMiddleware.self,
            GenerateTask.self, GenerateApplicationCommand.self,
        ])

    @OptionGroup var flags: GenerateFlags

    func run() throws { try ProjectTemplate(flags: flags).create(in: nil) }
}

struct GenerateProject: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "project", abstract: "Create a project in a directory.",
        discussion: "The directory may have a license, a README and the like, which are kept.")

    @OptionGroup var flags: GenerateFlags

    @Argument(help: "The directory; the working directory when none is given.")
    var directory: String?

    func run() throws { try ProjectTemplate(flags: flags).create(in: directory) }
}

struct NewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new", abstract: "Create a project in a directory of its own.")

    @OptionGroup var flags: GenerateFlags

    @Argument(help: "The directory, which is created.")
    var name: String

    func run() throws { try ProjectTemplate(flags: flags).create(in: name) }
}

/// What the commands for single files have in common.
struct GenerateOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("The name, as clients and other files will use it.", valueName: "name"))
    var positionalName: String?

    @Option(
        name: [.customShort("n"), .customLong("name")], help: ArgumentHelp("The same as a flag.", valueName: "name"))
    var flagName: String?

    @Option(name: [.short, .long], help: "What it does, in one sentence.")
    var description: String?

    /// Empty until it is validated.
    var name: String { positionalName ?? flagName ?? "" }

    func validate() throws {
        if positionalName == nil, flagName == nil { throw ValidationError("a name is missing, such as greet") }
        if let positionalName, let flagName, positionalName != flagName {
            throw ValidationError("one name is enough; there are \(positionalName) and \(flagName)")
        }
    }

    func create(_ role: BundleRole, _ flags: GenerateFlags, values: [String: String] = [:]) throws {
        try Project.require()
        var template = FileTemplate(
            role: role, name: name, description: description ?? "an actionhero \(role.rawValue)")
        template.values.merge(values) { $1 }
        try template.create(in: Project.root, flags)
    }
}

struct GenerateAction: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "action", abstract: "Create an action with its test.")
    @OptionGroup var options: GenerateOptions
    @OptionGroup var flags: GenerateFlags

    func run() throws { try options.create(.action, flags) }
}

struct GenerateInitializer: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "initializer", abstract: "Create an initializer with its test.")
    @OptionGroup var options: GenerateOptions
    @OptionGroup var flags: GenerateFlags
    @Option(help: "Place among the initialize steps, 1 or more.") var loadPriority = 1000
    @Option(help: "Place among the start steps, 1 or more.") var startPriority = 1000
    @Option(help: "Place among the stop steps, 1 or more.") var stopPriority = 1000

    func validate() throws {
        for value in [loadPriority, startPriority, stopPriority] where value < 1 {
            throw ValidationError("a priority must be 1 or more, not \(value)")
        }
    }

    func run() throws {
        try options.create(
            .initializer, flags,
            values: [
                "loadPriority": String(loadPriority), "startPriority": String(startPriority),
                "stopPriority": String(stopPriority),
            ])
    }
}

struct GenerateMiddleware: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "middleware", abstract: "Create an action middleware with its test.")
    @OptionGroup var options: GenerateOptions
    @OptionGroup var flags: GenerateFlags

    func run() throws { try options.create(.middleware, flags) }
}

struct GenerateTask: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "task", abstract: "Create a background task with its test.")
    @OptionGroup var options: GenerateOptions
    @OptionGroup var flags: GenerateFlags
    @Option(help: "Where its jobs wait.") var queue = "default"
    @Option(help: "How often it runs by itself, in milliseconds; 0 for never.") var frequency = 0

    func validate() throws {
        if frequency < 0 { throw ValidationError("a frequency must be 0 or more, not \(frequency)") }
        if queue.isEmpty { throw ValidationError("a queue has a name; this one is empty") }
    }

    func run() throws {
        try options.create(
            .task, flags, values: ["queue": FileTemplate.escaped(queue), "frequency": String(frequency)])
    }
}

struct GenerateApplicationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "command", abstract: "Create a command of the project's own with its test.")
    @OptionGroup var options: GenerateOptions
    @OptionGroup var flags: GenerateFlags

    func run() throws { try options.create(.command, flags) }
}
