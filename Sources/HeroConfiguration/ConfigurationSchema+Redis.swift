// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

// The meaning of each key is documented in config/redis.yml.
extension ConfigurationSchema {
    static let redisModes = ["embedded", "standalone", "sentinel", "cluster"]

    /// What a role may have for itself; whatever is not given is that of all roles.
    private static let role = ConfigurationType.object([
        .init("mode", .optional(.choice(redisModes))), .init("url", .optional(.text)),
        .init("host", .optional(.text)), .init("port", .optional(.integer(1...65_535, unit: nil))),
        .init("db", .optional(.integer(0...1_000_000, unit: nil))), .init("user", .optional(.text)),
        .init("password", .optional(.text)), .init("tls", .optional(.flag)),
        .init("sentinelName", .optional(.text)), .init("sentinelNodes", .list(of: .text)),
        .init("sentinelUser", .optional(.text)), .init("sentinelPassword", .optional(.text)),
        .init("clusterNodes", .list(of: .text)),
    ])

    static let redis: [ConfigurationKey] = [
        ConfigurationKey(
            "redis.enabled", .flag, "${REDIS_ENABLED:-true}", in: ["test": "${REDIS_ENABLED:-false}"]),
        ConfigurationKey("redis.mode", .optional(.choice(redisModes)), "${REDIS_MODE:-}"),
        ConfigurationKey("redis.url", .optional(.text), "${REDIS_URL:-}", isSecret: true),
        ConfigurationKey("redis.host", .optional(.text), "${REDIS_HOST:-}"),
        ConfigurationKey("redis.port", .integer(1...65_535, unit: nil), "${REDIS_PORT:-6379}"),
        ConfigurationKey("redis.db", .integer(0...1_000_000, unit: nil), "${REDIS_DB:-0}"),
        ConfigurationKey("redis.user", .optional(.text), "${REDIS_USER:-}"),
        ConfigurationKey("redis.password", .optional(.text), "${REDIS_PASSWORD:-}", isSecret: true),
        ConfigurationKey("redis.embedded.executable", .text, "redis-server"),
        ConfigurationKey("redis.embedded.directory", .text, "data/redis", in: ["test": "data/redis-test"]),
        ConfigurationKey("redis.embedded.appendfsync", .choice(["always", "everysec", "no"]), "everysec"),
        ConfigurationKey("redis.tls.enabled", .flag, "${REDIS_SSL:-false}"),
        ConfigurationKey("redis.tls.verify", .flag, true),
        ConfigurationKey("redis.tls.ca", .optional(.text), "${REDIS_TLS_CA:-}"),
        ConfigurationKey("redis.tls.cert", .optional(.text), "${REDIS_TLS_CERT:-}"),
        ConfigurationKey("redis.tls.key", .optional(.text), "${REDIS_TLS_KEY:-}"),
        ConfigurationKey("redis.tls.passphrase", .optional(.text), nil, isSecret: true),
        ConfigurationKey("redis.tls.serverName", .optional(.text), nil),
        ConfigurationKey("redis.sentinel.nodes", .optional(.list(of: .text)), "${REDIS_SENTINELS:-}"),
        ConfigurationKey("redis.sentinel.name", .text, "${REDIS_SENTINEL_NAME:-mymaster}"),
        ConfigurationKey("redis.sentinel.user", .optional(.text), nil),
        ConfigurationKey(
            "redis.sentinel.password", .optional(.text), "${REDIS_SENTINEL_PASSWORD:-}", isSecret: true),
        ConfigurationKey("redis.sentinel.tls", .optional(.flag), nil),
        ConfigurationKey("redis.cluster.nodes", .optional(.list(of: .text)), "${REDIS_CLUSTER_NODES:-}"),
        ConfigurationKey("redis.cluster.readReplicas", .flag, false),
        ConfigurationKey("redis.client", role, [:], isSecret: true),
        ConfigurationKey("redis.subscriber", role, [:], isSecret: true),
        ConfigurationKey("redis.tasks", role, [:], isSecret: true),
        ConfigurationKey("redis.timeouts.connect", .integer(1...600_000, unit: "ms"), 5000),
        ConfigurationKey("redis.timeouts.command", .integer(1...600_000, unit: "ms"), 5000),
        ConfigurationKey("redis.timeouts.ping", .integer(0...3_600_000, unit: "ms"), 15_000),
        ConfigurationKey("redis.limits.commands", .integer(1...10_000_000, unit: "commands"), 65_536),
        ConfigurationKey("redis.limits.bytes", .integer(1024...17_179_869_184, unit: "bytes"), 67_108_864),
        ConfigurationKey("redis.limits.reply", .integer(65_536...549_755_813_888, unit: "bytes"), 67_108_864),
        ConfigurationKey("redis.scanCount", .integer(1...1_000_000, unit: "keys"), 1000),
        ConfigurationKey("redis.localCacheLimit", .integer(65_536...1_099_511_627_776, unit: "bytes"), 67_108_864),
    ]
}
