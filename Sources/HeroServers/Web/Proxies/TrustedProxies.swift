// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroSystem

/// Whose word about a client is taken.
struct TrustedProxies: Sendable {
    /// Stands for everybody who connects over the Unix socket.
    static let unixSocket = "unix"

    private let networks: [IPNetwork]
    private let includesUnixSocket: Bool
    private let users: Set<UInt32>?

    /// - Parameters:
    ///   - texts: `web.trustedProxies`; what cannot be read is left out.
    ///   - address: Where the server listens. A client of TCP may have lost its address, and must not pass for one of the
    ///     Unix socket then.
    ///   - users: Who of those is trusted; `nil` for everybody who could connect.
    init(_ texts: [String], listeningOn address: ListenAddress, users: Set<UInt32>? = nil) {
        self.users = users
        networks = texts.compactMap(IPNetwork.init)
        if case .unix = address {
            includesUnixSocket = texts.contains(Self.unixSocket)
        } else {
            includesUnixSocket = false
        }
    }

    /// Whether anybody is trusted.
    var areThere: Bool { includesUnixSocket || !networks.isEmpty }

    static func isReadable(_ text: String) -> Bool { text == unixSocket || IPNetwork(text) != nil }

    /// Whether it counts who is at the other end of a Unix socket.
    var areUsersAsked: Bool { includesUnixSocket && users != nil }

    /// - Parameters:
    ///   - address: `nil` for a client of the Unix socket.
    ///   - user: Whose process that is.
    /// - Returns: Whether it is one of them.
    func contains(_ address: IPAddress?, user: UInt32? = nil) -> Bool {
        guard let address else {
            return includesUnixSocket && (users.map { user.map($0.contains) ?? false } ?? true)
        }
        return networks.contains { $0.contains(address) }
    }
}
