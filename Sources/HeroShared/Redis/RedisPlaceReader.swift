// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroRedis

/// Puts a place together.
struct RedisPlaceReader {
    private let common: RedisConfiguration
    private let own: RedisConfiguration.Role
    /// The key of the role's object.
    private let key: String

    init(_ common: RedisConfiguration, _ own: RedisConfiguration.Role, key: String) {
        self.common = common
        self.own = own
        self.key = key
    }

    /// Whether the role has a place of its own; then that of all roles does not count.
    private var isApart: Bool {
        own.mode != nil || own.url != nil || own.host != nil || own.sentinelNodes?.isEmpty == false
            || own.clusterNodes?.isEmpty == false
    }

    private var url: String? { isApart ? own.url : common.url }
    private var host: String? { isApart ? own.host : common.host }
    private var sentinels: [String] {
        own.sentinelNodes ?? (isApart && own.mode != "sentinel" ? [] : common.sentinel.nodes ?? [])
    }
    private var nodes: [String] {
        own.clusterNodes ?? (isApart && own.mode != "cluster" ? [] : common.cluster.nodes ?? [])
    }

    private func at(_ name: String, isOwn: Bool) -> String {
        isOwn ? key : "redis.\(name)"
    }

    func read() throws(RedisMisfit) -> RedisPlace {
        let mode = try mode()
        var place = RedisPlace(
            kind: .embedded, user: own.user ?? common.user, password: own.password ?? common.password,
            database: own.db ?? common.db, usesTLS: own.tls ?? common.tls.enabled)
        switch mode {
        case "standalone": try readServer(&place)
        case "sentinel":
            let addresses = try addresses(
                sentinels, usualPort: SentinelSettings.usualPort,
                at("sentinel.nodes", isOwn: own.sentinelNodes != nil))
            place.kind = .sentinel(
                name: own.sentinelName ?? common.sentinel.name, nodes: addresses,
                user: own.sentinelUser ?? common.sentinel.user,
                password: own.sentinelPassword ?? common.sentinel.password,
                usesTLS: common.sentinel.tls ?? place.usesTLS)
        case "cluster":
            place.kind = .cluster(
                try addresses(
                    nodes, usualPort: RedisEndpoint.usualPort, at("cluster.nodes", isOwn: own.clusterNodes != nil)))
            guard place.database == 0 else {
                throw RedisMisfit(key: at("db", isOwn: own.db != nil), reason: "must be 0: a cluster has one database")
            }
        default:
            // The socket's directory keeps others out.
            (place.user, place.password) = (nil, nil)
            guard !place.usesTLS else {
                throw RedisMisfit(
                    key: at("tls.enabled", isOwn: own.tls != nil),
                    reason: "goes with a server that is named, not with the embedded one")
            }
        }
        if place.user != nil, place.password == nil {
            throw RedisMisfit(key: at("user", isOwn: own.user != nil), reason: "needs a redis.password")
        }
        return place
    }

    /// The mode that the configuration names, or that its other keys speak for.
    private func mode() throws(RedisMisfit) -> String {
        let given: [(mode: String, key: String, isThere: Bool)] = [
            ("standalone", at("url", isOwn: own.url != nil), url != nil),
            ("standalone", at("host", isOwn: own.host != nil), host != nil),
            ("sentinel", at("sentinel.nodes", isOwn: own.sentinelNodes != nil), !sentinels.isEmpty),
            ("cluster", at("cluster.nodes", isOwn: own.clusterNodes != nil), !nodes.isEmpty),
        ]
        let wanted = own.mode ?? (isApart ? nil : common.mode)
        let mode = wanted ?? given.first { $0.isThere }?.mode ?? "embedded"
        if let other = given.first(where: { $0.isThere && $0.mode != mode }) {
            throw RedisMisfit(key: other.key, reason: "is for redis.mode \(other.mode), and the mode is \(mode)")
        }
        return mode
    }

    private func readServer(_ place: inout RedisPlace) throws(RedisMisfit) {
        guard let url else {
            let host = host ?? "127.0.0.1"
            place.kind = .standalone(
                host.hasPrefix("/") ? .unix(path: host) : .tcp(host: host, port: own.port ?? common.port))
            return
        }
        do throws(RedisError) {
            let isOwn = own.url != nil
            let url = try RedisURL(url)
            place.kind = .standalone(isOwn ? url.endpoint : url.endpoint.with(port: own.port))
            if url.password != nil { (place.user, place.password) = (url.user, url.password) }
            place.database = url.database ?? place.database
            place.usesTLS = place.usesTLS || url.usesTLS
            guard !isOwn else { return }
            // The URL of all roles is over the keys of all roles, and below those of this one.
            if let user = own.user { place.user = user }
            if let password = own.password { place.password = password }
            if let database = own.db { place.database = database }
            if let usesTLS = own.tls { place.usesTLS = usesTLS }
        } catch {
            throw RedisMisfit(key: at("url", isOwn: own.url != nil), reason: "cannot be used: \(error.message)")
        }
    }

    private func addresses(
        _ texts: [String], usualPort: Int, _ key: String
    ) throws(RedisMisfit) -> [NodeAddress] {
        guard !texts.isEmpty else { throw RedisMisfit(key: key, reason: "must name at least one host:port") }
        var addresses: [NodeAddress] = []
        for text in texts {
            guard let address = NodeAddress(text) ?? NodeAddress("\(text):\(usualPort)") else {
                throw RedisMisfit(key: key, reason: "must list host:port; '\(text)' is none")
            }
            addresses.append(address)
        }
        return addresses
    }
}
