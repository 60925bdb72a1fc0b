// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// `config/redis.yml`; what each key means is documented there.
struct RedisConfiguration: Decodable, Sendable {
    struct Embedded: Decodable, Sendable {
        let executable: String
        let directory: String
        let appendfsync: String
    }

    struct TLS: Decodable, Sendable {
        let enabled: Bool
        let verify: Bool
        let ca: String?
        let cert: String?
        let key: String?
        let passphrase: String?
        let serverName: String?
    }

    struct Sentinel: Decodable, Sendable {
        let nodes: [String]?
        let name: String
        let user: String?
        let password: String?
        let tls: Bool?
    }

    struct Cluster: Decodable, Sendable {
        let nodes: [String]?
        let readReplicas: Bool
    }

    /// Milliseconds.
    struct Timeouts: Decodable, Sendable {
        let connect: Int
        let command: Int
        let ping: Int
    }

    struct Limits: Decodable, Sendable {
        let commands: Int
        let bytes: Int
        /// The most bytes of one reply.
        let reply: Int
    }

    /// What a role has for itself.
    struct Role: Decodable, Sendable {
        let mode: String?
        let url: String?
        let host: String?
        let port: Int?
        let db: Int?
        let user: String?
        let password: String?
        let tls: Bool?
        let sentinelName: String?
        let sentinelNodes: [String]?
        let sentinelUser: String?
        let sentinelPassword: String?
        let clusterNodes: [String]?
    }

    let enabled: Bool
    let mode: String?
    let url: String?
    let host: String?
    let port: Int
    let db: Int
    let user: String?
    let password: String?
    let embedded: Embedded
    let tls: TLS
    let sentinel: Sentinel
    let cluster: Cluster
    let client: Role
    let subscriber: Role
    let tasks: Role
    let timeouts: Timeouts
    let limits: Limits
}
