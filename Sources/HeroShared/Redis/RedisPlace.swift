// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroRedis

/// Which server a role uses, and as whom: the keys of all roles with those of the role over them.
package struct RedisPlace: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        case embedded
        case standalone(RedisEndpoint)
        case sentinel(name: String, nodes: [NodeAddress], user: String?, password: String?, usesTLS: Bool)
        case cluster([NodeAddress])
    }

    package var kind: Kind
    package var user: String?
    package var password: String?
    package var database: Int
    package var usesTLS: Bool

    package var isCluster: Bool { if case .cluster = kind { true } else { false } }
}

/// A value that does not go with others, and where it stands.
struct RedisMisfit: Error {
    let key: String
    let reason: String
}

extension RedisEndpoint {
    /// The same with another port; `nil` leaves it.
    func with(port: Int?) -> RedisEndpoint {
        guard let port, case .tcp(let host, _) = self else { return self }
        return .tcp(host: host, port: port)
    }
}
