// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import HeroBundles

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
            role: role, name: name, description: description ?? "an actionhero \(role.rawValue)",
            builtInCommands: BuiltInCommands.names)
        template.values.merge(values) { $1 }
        try template.create(in: Project.root, flags)
    }
}
