// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
package import HeroLog
internal import HeroSystem

/// What `config/redis.yml` says about the use of Redis, not about connections.
package struct SharingConfiguration: Decodable, Sendable {
    package let scanCount: Int
    /// Bytes.
    package let localCacheLimit: Int
}

/// The parts of the configuration that every process needs.
package struct CoreConfiguration: Sendable {
    package let general: GeneralConfiguration
    package let errors: ErrorsConfiguration
    package let logger: LoggerConfiguration
    package let sharing: SharingConfiguration
    package let tasks: TasksConfiguration
    package let plugins: [PluginSettings]

    /// Directories with public files: the project's, then those of plugins.
    ///
    /// - Parameter projectRoot: Where relative paths begin.
    /// - Returns: Absolute paths, in the order in which they are searched.
    package func publicDirectories(in projectRoot: String) -> [String] {
        general.paths.public.map { ProjectPath.absolute($0, in: projectRoot) }
            + plugins.compactMap { $0.publicDirectory(in: projectRoot) }
    }

    /// - Throws: ``ConfigurationRefused``.
    package init(_ configuration: EffectiveConfiguration) throws {
        general = try configuration.decode(GeneralConfiguration.self, "general")
        errors = try configuration.decode(ErrorsConfiguration.self, "errors")
        logger = try configuration.decode(LoggerConfiguration.self, "logger")
        sharing = try configuration.decode(SharingConfiguration.self, "redis")
        plugins = PluginSettings.all(configuration.value(at: "plugins"))
        tasks = try configuration.decode(TasksConfiguration.self, "tasks")
    }
}
