// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

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
