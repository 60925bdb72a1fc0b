// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

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
