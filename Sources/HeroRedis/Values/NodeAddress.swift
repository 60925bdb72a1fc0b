// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Where a node of a cluster, a primary or a sentinel listens.
package struct NodeAddress: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let host: String
    package let port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads what Redis writes in redirections and what people write in lists.
    ///
    /// - Parameters:
    ///   - text: `host:port`; also `[::1]:6379`, and `::1:6379` as Redis has it.
    ///   - fallback: The host that an empty one stands for; `nil` refuses it.
    package init?(_ text: some StringProtocol, fallbackHost fallback: String? = nil) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]) else { return nil }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        self.init(checkedHost: host, port: port, fallbackHost: fallback)
    }

    /// - Parameters:
    ///   - host: As a server gave it; empty stands for the fallback, `?` for "unknown".
    ///   - port: As a server gave it.
    ///   - fallback: The host that an empty one stands for; `nil` refuses it.
    init?(checkedHost host: String, port: Int, fallbackHost fallback: String?) {
        guard (1...65_535).contains(port), let host = host.isEmpty ? fallback : host, host != "?", !host.isEmpty,
            host.utf8.count <= 255, !host.utf8.contains(where: { $0 <= 32 || $0 == 127 })
        else { return nil }
        self.init(host: host, port: port)
    }

    package var endpoint: RedisEndpoint { .tcp(host: host, port: port) }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    package static func < (left: Self, right: Self) -> Bool {
        (left.host, left.port) < (right.host, right.port)
    }
}
