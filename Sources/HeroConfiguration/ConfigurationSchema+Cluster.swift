// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

// The meaning of each key is documented in config/cluster.yml.
extension ConfigurationSchema {
    private static let milliseconds = ConfigurationType.integer(0...86_400_000, unit: "ms")
    private static let positiveMilliseconds = ConfigurationType.integer(100...86_400_000, unit: "ms")

    static let cluster: [ConfigurationKey] = [
        ConfigurationKey("cluster.workers", .optional(.integer(0...128, unit: "workers")), nil),
        ConfigurationKey("cluster.readyTimeout", positiveMilliseconds, 30_000),
        ConfigurationKey("cluster.probation.duration", milliseconds, 60_000),
        ConfigurationKey("cluster.probation.crashes", .integer(0...1000, unit: "crashes"), 3),
        ConfigurationKey("cluster.probation.errorRate", .integer(0...100, unit: "percent"), 0),
        ConfigurationKey("cluster.heartbeat.interval", positiveMilliseconds, 1000),
        ConfigurationKey("cluster.heartbeat.timeout", milliseconds, 20_000),
        ConfigurationKey("cluster.quarantine.crashes", .integer(0...1000, unit: "crashes"), 5),
        ConfigurationKey("cluster.quarantine.window", positiveMilliseconds, 60_000),
        ConfigurationKey("cluster.workerMemoryLimit", .integer(0...1_000_000, unit: "MB"), 0),
        ConfigurationKey("cluster.workerConsole", .flag, false),
    ]
}
