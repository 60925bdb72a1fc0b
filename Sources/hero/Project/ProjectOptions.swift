// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import HeroConfiguration
import HeroRuntime

/// The flags that every command working on a project understands.
struct ProjectOptions: ParsableArguments {
    @Option(
        name: [.customLong("config")],
        help: ArgumentHelp("Directories with configuration, separated by commas.", valueName: "directories"))
    var config: [String] = []

    @Option(
        name: [.customLong("set")],
        help: ArgumentHelp(
            "A value of the configuration, for example web.port=9000. May be repeated.", valueName: "key=value"))
    var values: [String] = []

    @Option(
        name: [.customLong("env"), .customLong("NODE_ENV")],
        help: ArgumentHelp("The environment, in place of ACTIONHERO_ENV.", valueName: "name"))
    var environment: String?

    @Option(help: "The server id, in place of ACTIONHERO_TITLE.")
    var title: String?

    mutating func validate() throws {
        for value in values where !value.utf8.contains(UInt8(ascii: "=")) {
            throw ValidationError("--set wants key=value, for example --set web.port=9000; it got '\(value)'")
        }
    }

    /// - Parameter logMode: Where log lines go.
    /// - Returns: What the flags of the command line ask for.
    func setup(_ logMode: ProcessSetup.LogMode) -> ProcessSetup {
        var flags = ConfigurationLoader.Flags()
        flags.directories = config
        flags.environmentName = environment
        flags.values = values.map { value in
            // By bytes: an accent that the value begins with would make another character of the equals sign.
            let equals = value.utf8.firstIndex(of: UInt8(ascii: "=")) ?? value.endIndex
            return (String(value[..<equals]), String(value[equals...].utf8.dropFirst()) ?? "")
        }
        return ProcessSetup(
            projectRoot: Project.root, environment: Project.environment, flags: flags, title: title, logMode: logMode)
    }
}
