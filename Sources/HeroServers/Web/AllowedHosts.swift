// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroSystem

/// `web.allowedRequestHosts`: requests for another host are sent to the first of these.
///
/// Nobody is sent to what was asked for: behind a proxy that takes TLS, and that is not trusted to say so, every request
/// looks like one of plain HTTP, and would be sent where it came from for ever.
struct AllowedHosts: Sendable {
    enum Verdict: Equatable {
        case served
        case redirect(to: String)
        /// The client says that it has asked for the right host, which nobody who is trusted confirms.
        case refused
        /// A trusted proxy asks under a name of its own for this server, and does not say what the client has asked for.
        case untold(host: String)
    }

    /// In small letters.
    private let origins: Set<ByteKey>
    /// The hosts of these.
    private let hosts: Set<ByteKey>
    private let first: String?

    /// - Parameter origins: Scheme and host, for example `https://www.example.com`; none allows every host.
    init(_ origins: [String]) {
        self.origins = Set(origins.map { ByteKey($0.lowercased()) })
        hosts = Set(origins.map { ByteKey(Self.host(of: $0.lowercased())) })
        first = origins.first
    }

    private static func host(of origin: String) -> String {
        origin.firstRange(of: "://").map { String(origin[$0.upperBound...]) } ?? origin
    }

    /// Decides whether a request is served, redirected or refused.
    func verdict(_ exchange: WebExchange) -> Verdict {
        guard let first else { return .served }
        let (scheme, host) = (exchange.scheme, (exchange.host ?? "").lowercased())
        if origins.contains(ByteKey("\(scheme)://\(HostName.withoutUsualPort(host, of: scheme))")) { return .served }
        // Only a trusted proxy knows what the client speaks with it.
        if exchange.forwarded?.scheme == nil, ["http", "https"].contains(where: { isHost(host, of: $0) }) {
            return .served
        }
        // Who sends nothing that a proxy would say comes from such an address himself, and can follow.
        if let forwarded = exchange.forwarded, forwarded.host == nil,
            forwarded.client != nil || forwarded.scheme != nil,
            isOfProxy(host)
        {
            return .untold(host: host)
        }
        if exchange.forwarded == nil, claims(exchange.head, first) { return .refused }
        let target = exchange.head.string(exchange.target.path.lowerBound..<exchange.head.target.upperBound)
        // The asterisk of OPTIONS would become a part of the host's name.
        return .redirect(to: target.first == "/" ? first + target : "\(first)/")
    }

    /// Whether clients hardly use that name: it is of this machine, an address, or without a dot, as in a private network.
    private func isOfProxy(_ host: String) -> Bool {
        let name = HostName.withoutPort(host)
        return !name.utf8.contains(UInt8(ascii: "."))
            || name.utf8.allSatisfy { $0 == UInt8(ascii: ".") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    private func isHost(_ host: String, of scheme: String) -> Bool {
        hosts.contains(ByteKey(HostName.withoutUsualPort(host, of: scheme)))
    }

    /// Whether headers that nobody vouches for say that the request was for that origin.
    private func claims(_ head: HTTPRequestHead, _ origin: String) -> Bool {
        let wanted = Self.host(of: origin.lowercased())
        let claimed = head.list("x-forwarded-host") + [ForwardedRequest(claimedBy: head).host ?? ""]
        return claimed.contains { host in
            ["http", "https"].contains { HostName.withoutUsualPort(host.lowercased(), of: $0).isSame(as: wanted) }
        }
    }
}

extension WebConfiguration {
    /// What nobody will tell, so that `https` in `web.allowedRequestHosts` cannot be asked for; `nil` when all is well.
    var unknownSchemeWarning: String? {
        let hosts = allowedRequestHosts ?? []
        guard !secure, hosts.contains(where: { $0.lowercased().hasPrefix("https://") }) else { return nil }
        let address = ListenAddress(port: port, bindIP: bindIP)
        guard !TrustedProxies(trustedProxies, listeningOn: address).areThere else { return nil }
        return
            "web.allowedRequestHosts wants https, and no proxy is trusted to say what clients use: requests are compared"
            + " by their host only; list the proxy that takes TLS in web.trustedProxies"
    }
}
