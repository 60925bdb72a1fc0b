// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import HeroBundles

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
