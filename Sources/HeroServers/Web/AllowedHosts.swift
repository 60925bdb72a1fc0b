// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// `web.allowedRequestHosts`: requests for another host are sent to the first of these.
struct AllowedHosts: Sendable {
    private let origins: Set<String>
    private let first: String?

    /// - Parameter origins: Scheme and host, for example `https://www.example.com`; none allows every host.
    init(_ origins: [String]) {
        self.origins = Set(origins.map { $0.lowercased() })
        first = origins.first
    }

    /// Where the client is to go instead; `nil` when it is right here.
    func redirect(_ exchange: WebExchange) -> String? {
        guard let first else { return nil }
        if origins.contains("\(exchange.scheme)://\(exchange.host ?? "")".lowercased()) { return nil }
        let target = exchange.head.string(exchange.target.path.lowerBound..<exchange.head.target.upperBound)
        // The asterisk of OPTIONS would become a part of the host's name.
        return target.first == "/" ? first + target : "\(first)/"
    }
}
