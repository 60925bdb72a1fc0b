// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import HeroBundles

struct GenerateApplicationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "command", abstract: "Create a command of the project's own with its test.")
    @OptionGroup var options: GenerateOptions
    @OptionGroup var flags: GenerateFlags

    func run() throws { try options.create(.command, flags) }
}
