// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

/// `web.cors`: which other sites' scripts may read responses.
struct CrossOrigin: Sendable {
    /// Without any the configured headers decide.
    private let origins: Set<ByteKey>
    private let allowsCredentials: Bool
    private let maxAge: Int

    init(_ configuration: WebConfiguration.CrossOrigin) {
        origins = Set(configuration.origins.map(ByteKey.init))
        allowsCredentials = configuration.credentials
        maxAge = configuration.maxAge
    }

    /// Whether it replaces the configured `Access-Control-Allow-Origin`.
    var isSelective: Bool { !origins.isEmpty }

    /// Headers for one request.
    ///
    /// - Parameters:
    ///   - exchange: The request.
    ///   - hasVary: Whether another header says already that the answer depends on the site: a cache must not give one
    ///     the answer that was meant for another.
    ///   - response: What the action has said about it stands: a browser that is told twice believes neither.
    ///   - sink: Where they go.
    func write<Sink: ResponseHeadSink>(
        _ exchange: WebExchange, hasVary: Bool, _ response: WebResponse, to sink: inout Sink
    ) {
        guard isSelective else { return }
        if !hasVary { sink.writeField("vary", "Origin") }
        if response.header(Self.allowedOrigin) != nil { return }
        for (name, value) in permission(exchange.head) where response.header(name) == nil {
            sink.writeField(name, value)
        }
    }

    /// - Parameter header: The name of a configured header, in small letters.
    /// - Returns: Whether it gives way to what is written here.
    func replaces(_ header: String) -> Bool {
        isSelective && (header == Self.allowedOrigin || header == Self.allowedCredentials && allowsCredentials)
    }

    /// What tells a browser that the site which has sent the request may read the response; nothing for others.
    func permission(_ head: HTTPRequestHead) -> [(name: String, value: String)] {
        guard let origin = head.value("origin"), origins.contains(ByteKey(origin)) else { return [] }
        return [(Self.allowedOrigin, origin)]
            + (allowsCredentials ? [(Self.allowedCredentials, "true")] : [])
    }

    static let allowedOrigin = "access-control-allow-origin"
    private static let allowedCredentials = "access-control-allow-credentials"

    /// How long the answer to a preflight may be kept; `nil` for as long as the browser does by itself.
    var maxAgeSeconds: Int? { maxAge > 0 ? maxAge : nil }
}
