// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import HeroBundles

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
