// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// The parts of an HTTP request that have no meaning for other kinds of connections.
public struct Request: Sendable {
    private let host: any RequestHost

    package init(host: any RequestHost) { self.host = host }

    /// The method in capitals, for example `GET`.
    public var method: String { host.method }

    /// The path as the client sent it, without the query.
    public var path: String { host.path }

    /// The query string without its question mark, as the client sent it; empty when there is none.
    public var queryString: String { host.queryString }

    /// `http` or `https`: what the client used, as far as the proxies in `web.trustedProxies` tell.
    public var scheme: String { host.scheme }

    /// The host that the client asked for, with its port where it named one; `nil` when an HTTP/1.0 client named none.
    public var hostName: String? { host.host }

    /// All headers in the order in which they were received.
    public var headers: [(name: String, value: String)] { host.headers }

    /// The first header of that name, in any capitals, or `nil`.
    public func header(_ name: String) -> String? { host.header(name) }

    /// The cookies by name; of several with one name the first.
    ///
    /// A dictionary takes two spellings of an accent for one name; ``cookie(_:)`` does not.
    public var cookies: [String: String] { host.cookies }

    /// The value of the first cookie whose name has exactly these bytes, or `nil`.
    ///
    /// - Parameter name: The name, with its capitals.
    /// - Returns: The value as the client sent it.
    public func cookie(_ name: String) -> String? { host.cookie(name) }

    /// The parsed body before any parameter was filtered: members of a form or of a JSON object; `nil` without a body.
    public var body: JSON? { host.body }

    /// What the client has uploaded, in the order in which it was sent, whatever the action's inputs are.
    public var files: [UploadedFile] { host.files }

    /// The bytes of the body, unpacked when they came compressed; `nil` unless `web.saveRawBody` is set.
    public var rawBody: [UInt8]? { host.rawBody }

    /// What stands behind the last dot of the path; `nil` without a dot.
    public var fileExtension: String? { host.fileExtension }

    /// The pattern of the route that led here, for example `/user/:id`; `nil` without one.
    public var routePath: String? { host.routePath }
}
