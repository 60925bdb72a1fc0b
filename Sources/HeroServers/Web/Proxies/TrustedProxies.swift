// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroCore

/// Whose word about a client is taken.
struct TrustedProxies: Sendable {
    /// Stands for everybody who connects over the Unix socket.
    static let unixSocket = "unix"

    private let networks: [IPNetwork]
    private let includesUnixSocket: Bool

    /// - Parameters:
    ///   - texts: `web.trustedProxies`; what cannot be read is left out.
    ///   - address: Where the server listens. A client of TCP may have lost its address, and must not pass for one of the
    ///     Unix socket then.
    init(_ texts: [String], listeningOn address: ListenAddress) {
        networks = texts.compactMap(IPNetwork.init)
        if case .unix = address {
            includesUnixSocket = texts.contains(Self.unixSocket)
        } else {
            includesUnixSocket = false
        }
    }

    static func isReadable(_ text: String) -> Bool { text == unixSocket || IPNetwork(text) != nil }

    /// - Parameter address: `nil` for a client of the Unix socket.
    /// - Returns: Whether it is one of them.
    func contains(_ address: IPAddress?) -> Bool {
        guard let address else { return includesUnixSocket }
        return networks.contains { $0.contains(address) }
    }
}
