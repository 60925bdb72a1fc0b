// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

// The meaning of each key is documented in config/api.yml, config/errors.yml and config/logger.yml.
extension ConfigurationSchema {
    static let logLevels = LogLevel.allCases.map(\.name)

    static let general: [ConfigurationKey] = [
        ConfigurationKey("general.apiVersion", .text, "0.1.0"),
        ConfigurationKey("general.serverName", .text, "my_actionhero_project"),
        ConfigurationKey("general.serverDescription", .text, "an actionhero server"),
        ConfigurationKey("general.id", .optional(.text), nil),
        ConfigurationKey("general.serverToken", .text, "change-me", isSecret: true),
        ConfigurationKey("general.channel", .text, "actionhero"),
        ConfigurationKey(
            "general.rpcTimeout", .integer(1...3_600_000, unit: "ms"), 5000, in: ["test": 3000]),
        ConfigurationKey("general.rpcMaximumCalls", .integer(1...1_000_000, unit: "calls"), 10_000),
        ConfigurationKey("general.rpcMaximumMessage", .integer(1024...536_870_912, unit: "bytes"), 1_048_576),
        ConfigurationKey("general.maximumOutbox", .integer(1024...1_073_741_824, unit: "bytes"), 1_048_576),
        ConfigurationKey("general.cachePrefix", .text, "actionhero:cache:"),
        ConfigurationKey("general.lockPrefix", .text, "actionhero:lock:"),
        ConfigurationKey("general.lockDuration", .integer(1...86_400_000, unit: "ms"), 10_000),
        ConfigurationKey("general.simultaneousActions", .integer(1...100_000, unit: nil), 5),
        ConfigurationKey("general.disableParamScrubbing", .flag, false),
        ConfigurationKey("general.missingParamChecks", .list(of: .anything), [nil, "", "undefined"]),
        ConfigurationKey("general.enableResponseLogging", .flag, false),
        ConfigurationKey(
            "general.filteredNames", .list(of: .text),
            ["password", "token", "secret", "authorization", "api_key", "credit_card"]),
        ConfigurationKey("general.filteredParams", .list(of: .text), []),
        ConfigurationKey("general.filteredResponse", .list(of: .text), []),
        ConfigurationKey("general.directoryFileType", .text, "index.html"),
        ConfigurationKey(
            "general.fileRequestLogLevel", .choice(logLevels), "info", in: ["production": "debug"]),
        ConfigurationKey("general.defaultMiddlewarePriority", .integer(1...1_000_000, unit: nil), 100),
        ConfigurationKey("general.cliIncludeInternal", .flag, true),
        ConfigurationKey("general.threadPoolSize", .integer(1...1024, unit: "threads"), 8),
        ConfigurationKey("general.threadPoolQueueLimit", .integer(1...1_000_000, unit: "actions"), 1000),
        ConfigurationKey("general.eventLoopBlockedAfter", .integer(1...3_600_000, unit: "ms"), 100),
        ConfigurationKey("general.keepGenerations", .integer(2...1000, unit: nil), 5),
        ConfigurationKey(
            "general.bundles.maximumSize", .integer(65_536...17_179_869_184, unit: "bytes"), 268_435_456),
        ConfigurationKey("general.bundles.checkTimeout", .integer(1000...3_600_000, unit: "ms"), 60_000),
        ConfigurationKey(
            "general.bundles.checkMemory", .integer(134_217_728...1_099_511_627_776, unit: "bytes"), 1_073_741_824),
        ConfigurationKey(
            "general.bundles.candidateMemory",
            .optional(.integer(134_217_728...1_099_511_627_776, unit: "bytes")), nil),
        ConfigurationKey("general.requireBuilt", .flag, false),
        ConfigurationKey("general.rateLimit.requests", .integer(1...1_000_000_000, unit: "requests"), 100),
        ConfigurationKey("general.rateLimit.window", .integer(1...86_400, unit: "seconds"), 60),
        ConfigurationKey("general.rateLimit.key", .text, "address"),
        ConfigurationKey("general.rateLimit.maximumKeys", .integer(2...10_000_000, unit: "clients"), 10_000),
        ConfigurationKey("general.rateLimit.prefix", .text, "actionhero:rateLimit:"),
        ConfigurationKey("general.rateLimit.redisTimeout", .integer(1...600_000, unit: "ms"), 500),
        ConfigurationKey("general.paths.public", .list(of: .text), ["public"]),
        ConfigurationKey("general.paths.pid", .text, "pids"),
        ConfigurationKey("general.paths.log", .text, "log"),
    ]

    static let errors: [ConfigurationKey] = [
        ConfigurationKey("errors.missingParams", .text, "{{param}} is a required parameter for this action"),
        ConfigurationKey("errors.unknownAction", .text, "unknown action or invalid apiVersion"),
        ConfigurationKey(
            "errors.unsupportedServerType", .text, "this action does not support the {{type}} connection type"),
        ConfigurationKey("errors.serverShuttingDown", .text, "the server is shutting down"),
        ConfigurationKey("errors.tooManyPendingActions", .text, "you have too many pending requests"),
        ConfigurationKey("errors.actionTimedOut", .text, "the action took longer than {{milliseconds}} ms"),
        ConfigurationKey("errors.fileNotFound", .text, "that file is not found"),
        ConfigurationKey("errors.unexpectedError", .text, "the server could not complete this request"),
        ConfigurationKey("errors.showUnexpectedErrors", .flag, true, in: ["production": false]),
        ConfigurationKey("errors.rateLimited", .text, "too many requests; try again in {{seconds}} seconds"),
        ConfigurationKey("errors.reportUnknownActions", .flag, false),
        ConfigurationKey(
            "errors.actionQuarantined", .text,
            "the action {{action}} is out of service because it crashed the server; try again later"),
    ]

    static let logger: [ConfigurationKey] = [
        ConfigurationKey("logger.console.enabled", .flag, true),
        ConfigurationKey(
            "logger.console.level", .choice(logLevels), "${LOG_LEVEL:-info}", in: ["test": "${LOG_LEVEL:-crit}"]),
        ConfigurationKey("logger.console.format", .choice(["line", "json"]), "line"),
        ConfigurationKey("logger.console.color", .choice(["auto", "always", "never"]), "auto"),
        ConfigurationKey("logger.file.enabled", .flag, true),
        ConfigurationKey(
            "logger.file.level", .choice(logLevels), "${LOG_LEVEL:-info}", in: ["test": "${LOG_LEVEL:-debug}"]),
        ConfigurationKey("logger.file.format", .choice(["line", "json"]), "json"),
        ConfigurationKey("logger.maxLogStringLength", .integer(1...1_000_000, unit: "characters"), 100),
        ConfigurationKey("logger.maxLogArrayLength", .integer(1...1_000_000, unit: "elements"), 10),
        ConfigurationKey("logger.bufferLimit", .integer(1024...1_073_741_824, unit: "bytes"), 4_194_304),
    ]

    static let routes: [ConfigurationKey] = ["all", "get", "post", "put", "patch", "delete", "head"].map { method in
        ConfigurationKey(
            "routes.\(method)",
            .list(
                of: .object([
                    .init("path", .text, isRequired: true), .init("action", .optional(.text)),
                    .init("apiVersion", .optional(.text)), .init("matchTrailingPathParts", .flag),
                    .init("dir", .optional(.text)),
                ])), [])
    }

    static let plugins: [ConfigurationKey] = [
        ConfigurationKey(
            "plugins",
            .map(
                of: .object([.init("path", .text, isRequired: true)] + PluginSettings.sections.map { .init($0, .flag) })
            ),
            [:])
    ]
}
