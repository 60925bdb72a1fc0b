// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The commands that every hero has.
enum BuiltInCommands {
    static let all: [any ParsableCommand.Type] = [
        StartCommand.self, ClusterCommand.self, BuildCommand.self, TestCommand.self, BundleCommand.self,
        ConfigCommand.self, RedisToolsCommand.self, TasksCommand.self, TaskCommand.self,
        ActionsCommand.self, ActionCommand.self, RoutesCommand.self, NewCommand.self, GenerateCommand.self,
        VersionCommand.self,
    ]

    /// First words that are never an application's command.
    static let names: Set<String> = Set(all.compactMap { $0.configuration.commandName } + ["help"])
}
