// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroConfiguration
package import HeroRedis
package import HeroRuntime
internal import HeroSystem
internal import HeroTLS

/// What the configuration says about Redis, checked before anything starts.
package struct RedisPlan: Sendable {
    package let client: RedisPlace
    package let subscriber: RedisPlace
    package let tasks: RedisPlace
    /// The server that hero is to run; `nil` when no role uses it.
    package let embedded: EmbeddedSettings?
    let readsReplicas: Bool
    let verifiesCertificates: Bool
    private let base: RedisConnectionSettings
    /// Milliseconds for a command.
    var commandTimeout: Int { base.commandTimeout }
    private let tls: RedisTLS?

    /// - Parameters:
    ///   - application: The process.
    ///   - files: Certificates and keys; those of the project when it is `nil`.
    /// - Returns: `nil` for `redis.enabled: false`.
    /// - Throws: `ConfigurationRefused`, also when a certificate cannot be used.
    package static func read(_ application: HeroApplication, files: CompanionFiles? = nil) throws -> RedisPlan? {
        let configuration = try application.configuration.decode(RedisConfiguration.self, "redis")
        guard configuration.enabled else { return nil }
        do {
            return try RedisPlan(
                configuration, application, files ?? CompanionFiles(projectRoot: application.projectRoot))
        } catch let misfit as RedisMisfit {
            throw application.configuration.refusal(of: misfit.key, misfit.reason)
        }
    }

    private init(_ configuration: RedisConfiguration, _ application: HeroApplication, _ files: CompanionFiles) throws {
        client = try RedisPlaceReader(configuration, configuration.client, key: "redis.client").read()
        subscriber = try RedisPlaceReader(configuration, configuration.subscriber, key: "redis.subscriber").read()
        tasks = try RedisPlaceReader(configuration, configuration.tasks, key: "redis.tasks").read()
        readsReplicas = configuration.cluster.readReplicas
        verifiesCertificates = configuration.tls.verify
        let places = [client, subscriber, tasks]
        let own = places.filter { $0.kind == .embedded }
        if own.isEmpty {
            embedded = nil
        } else {
            var settings = EmbeddedSettings(
                directory: ProjectPath.absolute(configuration.embedded.directory, in: application.projectRoot))
            settings.executable = configuration.embedded.executable
            settings.syncs = configuration.embedded.appendfsync
            settings.databases = (own.map(\.database).max() ?? 0) + 1
            embedded = settings
        }
        var base = RedisConnectionSettings(.tcp(host: "", port: RedisEndpoint.usualPort))
        base.connectTimeout = configuration.timeouts.connect
        base.commandTimeout = configuration.timeouts.command
        base.pingInterval = configuration.timeouts.ping
        base.queueLimit = configuration.limits.commands
        base.queueBytesLimit = configuration.limits.bytes
        base.replyLimits.bytes = configuration.limits.reply
        self.base = base
        let needsTLS = places.contains { place in
            if case .sentinel(_, _, _, _, true) = place.kind { return true }
            return place.usesTLS
        }
        tls = needsTLS ? try Self.makeTLS(configuration.tls, files) : nil
    }

    private static func makeTLS(
        _ configuration: RedisConfiguration.TLS, _ files: CompanionFiles
    ) throws(RedisMisfit) -> RedisTLS {
        var settings = TLSClientSettings()
        settings.authoritiesFile = configuration.ca
        settings.verifies = configuration.verify
        settings.certificate = configuration.cert.map {
            TLSServerSettings.Certificate(
                certificateFile: $0, keyFile: configuration.key ?? $0, passphrase: configuration.passphrase,
                ocspFile: nil)
        }
        do throws(TLSRefusal) {
            return try RedisTLS(settings, serverName: configuration.serverName) { try files.read($0) }
        } catch {
            throw RedisMisfit(key: "redis.tls.\(error.setting)", reason: error.reason)
        }
    }

    /// How a role connects to a server of its place.
    func settings(_ place: RedisPlace, role: RedisRole, id: String) -> RedisConnectionSettings {
        var settings = base
        if case .standalone(let endpoint) = place.kind { settings.endpoint = endpoint }
        settings.user = place.user
        settings.password = place.password
        settings.database = place.database
        settings.tls = place.usesTLS ? tls : nil
        settings.name = "hero:\(role.rawValue):\(String(id.map { $0.isWhitespace ? "_" : $0 }))"
        return settings
    }

    func sentinelSettings(_ place: RedisPlace) -> SentinelSettings? {
        guard case .sentinel(let name, let nodes, let user, let password, let usesTLS) = place.kind else { return nil }
        return sentinelSettings(name, nodes, user: user, password: password, usesTLS: usesTLS)
    }

    func sentinelSettings(
        _ name: String, _ nodes: [NodeAddress], user: String?, password: String?, usesTLS: Bool
    ) -> SentinelSettings {
        var settings = SentinelSettings(name: name, sentinels: nodes, user: user, password: password)
        settings.sentinel.tls = usesTLS ? tls : nil
        return settings
    }
}
