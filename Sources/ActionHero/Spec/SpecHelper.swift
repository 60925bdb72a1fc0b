// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Runs actions from tests.
///
///     @Test("a stranger is greeted by name")
///     func greets() async throws {
///         let response = await SpecHelper.runAction("greet", params: ["name": "Ada"])
///         #expect(response["greeting"] == "Hello, Ada")
///     }
///
/// Works inside `hero test` only, which loads the application in the environment `test` and starts its initializers.
public enum SpecHelper {
    private struct Host {
        let application: any ApplicationHost
        let web: any SpecHost
        let tasks: (any SpecTaskHost)?
    }

    private static let host = Mutex<Host?>(nil)

    package static func install(
        _ application: any ApplicationHost, web: any SpecHost, tasks: (any SpecTaskHost)? = nil
    ) {
        host.withLock { $0 = Host(application: application, web: web, tasks: tasks) }
    }

    /// Runs an action on a connection of its own, with its middleware and validation, past the web server.
    ///
    /// What HTTP adds – headers, cookies, a status – is for ``fetch(_:_:headers:body:)``.
    ///
    /// - Parameters:
    ///   - name: The name of the action.
    ///   - version: Its version; `nil` for the latest.
    ///   - params: Its parameters.
    /// - Returns: What a client would be answered; that of a failed action has the members `error`, `code` where the
    ///   error has one, and whatever else the error and the action have added.
    public static func runAction(_ name: String, version: String? = nil, params: JSON.Object = [:]) async -> JSON {
        guard let host = host.withLock({ $0 }) else { return ["error": .string(SpecHelperError().description)] }
        return await host.application.answer(name, version: version, params: params)
    }

    /// Sends a request to the application's web server, as a client that has no cookies.
    ///
    /// The server listens for the tests only, without TLS, and answers what it would answer everybody. A ``SpecClient``
    /// keeps cookies from one request to the next.
    ///
    ///     let response = try await SpecHelper.fetch("GET", "/api/whoAmI", headers: ["Authorization": "Bearer 1234"])
    ///     #expect(response.status == 200)
    ///
    /// - Parameters:
    ///   - method: The method, for example `POST`.
    ///   - target: Path and query as they stand in the request, for example `/api/greet?name=Ada`.
    ///   - headers: Name and value in order.
    ///   - body: What to send with it.
    /// - Returns: Status, headers and body.
    /// - Throws: ``SpecHelperError`` outside of `hero test`, and when there is no answer (``SpecRequest/timeout``).
    public static func fetch(
        _ method: String, _ target: String, headers: KeyValuePairs<String, String> = [:], body: SpecBody? = nil
    ) async throws -> SpecResponse {
        try await SpecClient().fetch(method, target, headers: headers, body: body)
    }

    /// The application under test.
    ///
    /// - Throws: ``SpecHelperError`` outside of `hero test`.
    public static var application: Application {
        get throws {
            guard let host = host.withLock({ $0 }) else { throw SpecHelperError() }
            return Application(host: host.application)
        }
    }

    static var tasks: any SpecTaskHost {
        get throws {
            guard let tasks = host.withLock({ $0 })?.tasks else { throw SpecHelperError() }
            return tasks
        }
    }

    static var web: any SpecHost {
        get throws {
            guard let host = host.withLock({ $0 }) else { throw SpecHelperError() }
            return host.web
        }
    }
}

/// The host's side of ``SpecHelper``: carries a test's requests to the application's web server.
package protocol SpecHost: Sendable {
    /// - Throws: ``SpecHelperError``.
    func fetch(_ request: SpecRequest) async throws -> SpecResponse
}

/// Tests were run without an application around them, or a request of theirs was not answered.
public struct SpecHelperError: Error, Sendable, CustomStringConvertible {
    /// What is wrong and what to do.
    public let description: String

    package init(_ description: String = "SpecHelper works inside `hero test` only") { self.description = description }
}
