// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A request that a test sends to the application's web server.
public struct SpecRequest: Sendable {
    /// The method, for example `POST`.
    public var method: String
    /// Path and query as they stand in the request, for example `/api/greet?name=Ada`.
    public var target: String
    /// Headers in order; `Host` and what describes the body are added unless they are here.
    public var headers: [(name: String, value: String)]
    /// What to send with it; `nil` for nothing.
    public var body: SpecBody?
    /// How many bytes of the response's body are kept, 1 or more; the connection is closed after them.
    ///
    /// Default: 16 MiB.
    public var maximumBodySize: Int = 16 << 20
    /// How long to wait for the end of the response; a stream is then taken as far as it has come.
    ///
    /// Default: 10 seconds.
    public var timeout: Duration = .seconds(10)

    /// Makes a request.
    ///
    /// - Parameters:
    ///   - method: The method, for example `POST`.
    ///   - target: Path and query as they stand in the request.
    ///   - headers: Name and value in order.
    ///   - body: What to send with it.
    public init(
        _ method: String, _ target: String, headers: KeyValuePairs<String, String> = [:], body: SpecBody? = nil
    ) {
        self.method = method
        self.target = target
        self.headers = headers.map { ($0.key, $0.value) }
        self.body = body
    }
}
