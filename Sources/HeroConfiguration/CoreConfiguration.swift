// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
package import HeroLog
internal import HeroSystem

/// `config/api.yml`; what each key means is documented there.
package struct GeneralConfiguration: Decodable, Sendable {
    package struct Paths: Decodable, Sendable {
        package let `public`: [String]
        package let pid: String
        package let log: String
    }

    /// What files of others may take.
    package struct Bundles: Decodable, Sendable {
        /// Bytes.
        package let maximumSize: Int
        /// Milliseconds.
        package let checkTimeout: Int
        /// Bytes.
        package let checkMemory: Int
        /// Bytes; half of the machine's memory when it is `nil`.
        package let candidateMemory: Int?
    }

    package let apiVersion: String
    package let serverName: String
    package let id: String?
    package let serverToken: String
    package let cachePrefix: String
    package let lockPrefix: String
    /// Milliseconds.
    package let lockDuration: Int
    package let channel: String
    /// Milliseconds.
    package let rpcTimeout: Int
    package let rpcMaximumCalls: Int
    /// Bytes.
    package let rpcMaximumMessage: Int
    /// Bytes of messages that wait for a client.
    package let maximumOutbox: Int
    package let simultaneousActions: Int
    package let disableParamScrubbing: Bool
    package let missingParamChecks: [JSON]
    package let enableResponseLogging: Bool
    package let filteredNames: [String]
    package let filteredParams: [String]
    package let filteredResponse: [String]
    package let directoryFileType: String
    package let fileRequestLogLevel: String
    package let defaultMiddlewarePriority: Int
    package let cliIncludeInternal: Bool
    package let threadPoolSize: Int
    package let threadPoolQueueLimit: Int
    /// Milliseconds.
    package let eventLoopBlockedAfter: Int
    package let keepGenerations: Int
    package let bundles: Bundles
    package let requireBuilt: Bool
    package let rateLimit: RateLimitConfiguration
    package let paths: Paths
}

/// What `config/redis.yml` says about the use of Redis, not about connections.
package struct SharingConfiguration: Decodable, Sendable {
    package let scanCount: Int
    /// Bytes.
    package let localCacheLimit: Int
}

/// What `config/tasks.yml` says about keys.
package struct TaskKeysConfiguration: Decodable, Sendable {
    package let namespace: String
}

/// `config/errors.yml`; texts with places for values, `{{param}}`.
package struct ErrorsConfiguration: Decodable, Sendable {
    package let missingParams: String
    package let unknownAction: String
    package let unsupportedServerType: String
    package let serverShuttingDown: String
    package let tooManyPendingActions: String
    package let actionTimedOut: String
    package let fileNotFound: String
    package let unexpectedError: String
    package let showUnexpectedErrors: Bool
    package let reportUnknownActions: Bool
    package let actionQuarantined: String
    package let rateLimited: String

    package static func fill(_ text: String, _ place: String, with value: String) -> String {
        text.replacing("{{\(place)}}", with: value)
    }
}

/// The parts of the configuration that every process needs.
package struct CoreConfiguration: Sendable {
    package let general: GeneralConfiguration
    package let errors: ErrorsConfiguration
    package let logger: LoggerConfiguration
    package let sharing: SharingConfiguration
    package let tasks: TaskKeysConfiguration
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
        tasks = try configuration.decode(TaskKeysConfiguration.self, "tasks")
    }
}
