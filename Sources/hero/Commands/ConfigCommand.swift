// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import ArgumentParser
import HeroConfiguration
import HeroRuntime
import HeroShared
import HeroSystem

struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Print the configuration in force and where each value came from.",
        discussion: "Secrets are masked.")

    @OptionGroup var options: ProjectOptions

    @Flag(help: "Print a JSON object of keys, each with value and origin.")
    var json = false

    @Argument(help: "Print only keys that begin with this text.")
    var prefix: String = ""

    func run() async throws {
        var setup = options.setup(.command)
        setup.onlyLooks = true
        let application = try Refusal.reported { try setup.makeApplication() }
        let listing = application.configuration.listing.filter { $0.key.hasPrefix(prefix) }
        guard !listing.isEmpty else {
            let sections = Set(application.configuration.listing.compactMap { $0.key.split(separator: ".").first })
                .sorted()
            throw CommandFailure("no key begins with \(prefix); there are \(sections.joined(separator: ", "))")
        }
        if json {
            var object = JSON.Object()
            for (key, value, origin) in listing {
                object[key] = ["value": value, "origin": .string("\(origin)")]
            }
            Terminal.print(.object(object))
            return
        }
        Terminal.print("# environment: \(application.configuration.environment)")
        let entries = listing.map { (PlainText.line("\($0.key): \($0.value)"), PlainText.line("\($0.origin)")) }
        let width = min(entries.map(\.0.count).max() ?? 0, 60)
        for (entry, origin) in entries {
            Terminal.print("\(entry)\(String(repeating: " ", count: max(0, width - entry.count)))  # \(origin)")
        }
    }
}
