// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// `web.cors`: which other sites' scripts may read responses.
struct CrossOrigin: Sendable {
    /// Without any the configured headers decide.
    private let origins: Set<String>
    private let allowsCredentials: Bool
    private let maxAge: Int

    init(_ configuration: WebConfiguration.CrossOrigin) {
        origins = Set(configuration.origins)
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
    ///   - sink: Where they go.
    func write<Sink: ResponseHeadSink>(_ exchange: WebExchange, hasVary: Bool, to sink: inout Sink) {
        guard isSelective else { return }
        if !hasVary { sink.writeField("vary", "Origin") }
        guard let origin = exchange.head.value("origin"), origins.contains(origin) else { return }
        sink.writeField("access-control-allow-origin", origin)
        if allowsCredentials { sink.writeField("access-control-allow-credentials", "true") }
    }

    /// How long the answer to a preflight may be kept; `nil` for as long as the browser does by itself.
    var maxAgeSeconds: Int? { maxAge > 0 ? maxAge : nil }
}
