// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroRedis
internal import HeroSystem

/// Looks at how the way to the servers is secured.
struct TransportCheckup {
    let place: RedisPlace
    /// Whether `redis.tls` has certificates verified.
    let verifies: Bool

    func examine(_ findings: inout RedisFindings) {
        guard let hosts, !hosts.isEmpty else { return }
        if place.usesTLS {
            findings.note(
                "TLS", verifies ? "on, certificates are checked" : "on, certificates are not checked",
                verifies
                    ? nil : (.warning, "anybody may answer in its place: set redis.tls.ca and redis.tls.verify: true"))
        } else if let host = hosts.first(where: { !Self.isLocal($0) }) {
            findings.note(
                "TLS", "off, and \(host) is another machine",
                (.warning, "passwords and data can be read on the way: set redis.tls.enabled, or use a private network")
            )
        } else {
            findings.note("TLS", "off, within this machine")
        }
    }

    /// `nil` for what has no network.
    private var hosts: [String]? {
        switch place.kind {
        case .embedded, .standalone(.unix): nil
        case .standalone(.tcp(let host, _)): [host]
        case .sentinel(_, let nodes, _, _, _), .cluster(let nodes): nodes.map(\.host)
        }
    }

    private static func isLocal(_ host: String) -> Bool {
        if host == "localhost" { return true }
        guard let address = IPAddress(host) else { return false }
        return address.isV4 ? address.low >> 24 & 0xFF == 127 : address.high == 0 && address.low == 1
    }
}
