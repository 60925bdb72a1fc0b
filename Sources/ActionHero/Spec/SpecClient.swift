// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// A client of the application's web server that keeps cookies, as a browser does.
///
///     let browser = SpecClient()
///     _ = try await browser.fetch("POST", "/api/logIn", body: .form(["name": "ada", "password": "…"]))
///     #expect(try await browser.fetch("GET", "/api/whoAmI")["name"] == "ada")
///
/// Works inside `hero test` only. It does not follow redirects, and does not ask for which path a cookie is.
public final class SpecClient: Sendable {
    private let jar: Mutex<[ByteKey: String]>

    /// Makes a client.
    ///
    /// - Parameter cookies: What it has from the start, by name.
    public init(cookies: [String: String] = [:]) { jar = Mutex(Self.jar(cookies)) }

    /// The cookies that it will send, by name.
    public var cookies: [String: String] {
        get { Dictionary(jar.withLock { $0 }.map { ($0.key.text, $0.value) }) { first, _ in first } }
        set { jar.withLock { $0 = Self.jar(newValue) } }
    }

    private static func jar(_ cookies: [String: String]) -> [ByteKey: String] {
        Dictionary(uniqueKeysWithValues: cookies.map { (ByteKey($0.key), $0.value) })
    }

    /// Sends a request, with the client's cookies unless it has a header `Cookie`, and keeps those that are set.
    ///
    /// - Parameters:
    ///   - method: The method, for example `POST`.
    ///   - target: Path and query as they stand in the request, for example `/api/greet?name=Ada`.
    ///   - headers: Name and value in order.
    ///   - body: What to send with it.
    /// - Returns: Status, headers and body.
    /// - Throws: ``SpecHelperError`` outside of `hero test`, and when there is no answer (``SpecRequest/timeout``).
    public func fetch(
        _ method: String, _ target: String, headers: KeyValuePairs<String, String> = [:], body: SpecBody? = nil
    ) async throws -> SpecResponse {
        try await fetch(SpecRequest(method, target, headers: headers, body: body))
    }

    /// Sends a request, with the client's cookies unless it has a header `Cookie`, and keeps those that are set.
    ///
    /// - Parameter request: The request with its limits.
    /// - Returns: Status, headers and body.
    /// - Throws: ``SpecHelperError`` outside of `hero test`, and when there is no answer (``SpecRequest/timeout``).
    public func fetch(_ request: SpecRequest) async throws -> SpecResponse {
        var request = request
        let cookies = jar.withLock { $0 }
        if !cookies.isEmpty, !request.headers.contains(where: { SpecResponse.isHeader($0.name, "cookie") }) {
            let pairs = cookies.map { "\($0.key.text)=\($0.value)" }.sorted()
            request.headers.append(("Cookie", pairs.joined(separator: "; ")))
        }
        let response = try await SpecHelper.web.fetch(request)
        jar.withLock { jar in
            for cookie in response.receivedCookies { jar[ByteKey(cookie.name)] = cookie.value }
        }
        return response
    }
}
