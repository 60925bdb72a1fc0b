// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

// What the host implements behind the package structures. Invisible to bundles, so these may change with the host: no
// bundle links against them.

package protocol ContextHost: AnyObject, Sendable {
    var actionName: String { get }
    var actionVersion: String { get }
    var connectionHost: any ConnectionHost { get }
    var responseHost: any ResponseHost { get }
    var applicationHost: any ApplicationHost { get }
    var params: JSON.Object { get }
    var messageID: String { get }
    var session: Session { get }
    func skipAction()
}

package protocol ConnectionHost: AnyObject, Sendable {
    var id: String { get }
    var fingerprint: String { get }
    var type: String { get }
    var remoteIP: String { get }
    var remotePort: Int { get }
    var clientCertificate: ClientCertificate? { get }
    var connectedAtMilliseconds: Int { get }
    var session: Session { get }
    var requestHost: (any RequestHost)? { get }
    func send(_ message: JSON) async throws
    func sendFile(_ path: String) async throws
    func destroy() async
    func renewFingerprint() -> Bool
    var rooms: [String] { get }
    var canChat: Bool { get }
    var pendingActions: Int { get }
    var totalActions: Int { get }
    var isDestroyed: Bool { get }
    /// What ``set(_:_:)`` has left.
    var values: JSON.Object { get }
    func set(_ name: String, _ value: JSON)
    /// Lets messages be sent from now on, which whoever asks takes out.
    ///
    /// - Parameter limitBytes: Of all that wait.
    /// - Returns: `nil` for connections that have a way of their own to send messages, or none.
    func openOutbox(limitBytes: Int) -> MessageOutbox?
}

extension ConnectionHost {
    /// Only HTTP has a cookie to tell it by.
    package func renewFingerprint() -> Bool { false }

    package func sendFile(_ path: String) async throws {
        throw ActionError("a connection of type \(type) cannot be sent files; answer with response.send(file:)")
    }
    package var rooms: [String] { [] }
    package var canChat: Bool { false }
    package var pendingActions: Int { isDestroyed ? 0 : 1 }
    package var totalActions: Int { 1 }
    package func openOutbox(limitBytes: Int) -> MessageOutbox? { nil }

    /// Only servers that speak TLS know one.
    package var clientCertificate: ClientCertificate? { nil }
}

package protocol RequestHost: AnyObject, Sendable {
    var method: String { get }
    var path: String { get }
    var queryString: String { get }
    var scheme: String { get }
    var host: String? { get }
    var headers: [(name: String, value: String)] { get }
    func header(_ name: String) -> String?
    var cookies: [String: String] { get }
    func cookie(_ name: String) -> String?
    var body: JSON? { get }
    var rawBody: [UInt8]? { get }
    var files: [UploadedFile] { get }
    var fileExtension: String? { get }
    var routePath: String? { get }
    /// Where the route's variables stand in ``path``.
    var pathVariables: [PathVariable] { get }
}

extension RequestHost {
    package var pathVariables: [PathVariable] { [] }
}

/// A variable of a route, by its place in a path.
package struct PathVariable: Sendable, Hashable {
    package let name: String
    /// How many parts stand before it, without empty ones at the beginning of the path.
    package let position: Int
    /// Whether it has everything that follows, too.
    package let takesRest: Bool

    package init(name: String, position: Int, takesRest: Bool) {
        self.name = name
        self.position = position
        self.takesRest = takesRest
    }
}

package protocol ResponseHost: AnyObject, Sendable {
    var status: Int? { get set }
    var data: JSON { get set }
    func addHeader(_ name: String, _ value: String)
    func setHeader(_ name: String, _ value: String)
    var hasConfiguredHeaders: Bool { get set }
    /// Reports a cookie that cannot be sent.
    func leaveOut(_ cookie: Cookie)
    func send(_ body: ResponseBody)
    /// For messages that are sent while the response lasts; `nil` where they have another way, or none.
    func openOutbox() -> MessageOutbox?
}

extension ResponseHost {
    package func openOutbox() -> MessageOutbox? { nil }

    /// Only HTTP has headers.
    package var hasConfiguredHeaders: Bool {
        get { true }
        set {}
    }
}

/// An answer that takes the place of the action's output.
///
/// A class for the reason that ``EncodedOutput`` is one.
package final class ResponseBody: Sendable {
    package enum Content: Sendable {
        case bytes([UInt8])
        case file(String)
        case stream(ByteStream)
    }

    package let content: Content
    /// What the action wants to have sent with it.
    package let headers: [(name: String, value: String)]
    /// Whether it has the configured headers and the session cookie even where the action does without.
    package let hasUsualHeaders: Bool

    package init(_ content: Content, headers: [(name: String, value: String)], hasUsualHeaders: Bool = false) {
        self.content = content
        self.headers = headers
        self.hasUsualHeaders = hasUsualHeaders
    }
}

/// Produces a body piece by piece; `write` returns when the connection takes more.
package struct ByteStream: Sendable {
    package typealias Write = @Sendable ([UInt8]) async throws -> Void
    package typealias Produce = @Sendable (_ write: @escaping Write) async throws -> Void
    package let produce: Produce
    /// Whether the stream ends when the process stops, having no end of its own.
    package let endsWithProcess: Bool
    /// What makes whole what has been written; asked for once, when `produce` has returned.
    package let finish: @Sendable () -> [UInt8]

    package init(
        _ produce: @escaping Produce, endsWithProcess: Bool = false,
        finish: @escaping @Sendable () -> [UInt8] = { [] }
    ) {
        self.produce = produce
        self.endsWithProcess = endsWithProcess
        self.finish = finish
    }
}

package protocol LogHost: AnyObject, Sendable {
    func isEnabled(_ level: LogLevel) -> Bool
    func write(level: LogLevel, message: String, data: [(name: String, value: JSON)])
}

package protocol ErrorHost: AnyObject, Sendable {
    func add(_ reporter: any ErrorReporter, name: String)
    func report(
        _ error: any Error, kind: ErrorReport.Kind, name: String, severity: LogLevel, parameters: JSON.Object)
}

package protocol ConfigurationHost: AnyObject, Sendable {
    var environment: String { get }
    func value(at key: String) -> JSON?
}

package protocol ApplicationHost: AnyObject, Sendable {
    var id: String { get }
    var projectRoot: String { get }
    var uptimeMilliseconds: Int { get }
    var configurationHost: any ConfigurationHost { get }
    var logHost: any LogHost { get }
    var errorHost: any ErrorHost { get }
    var services: Services { get }
    var cacheHost: any CacheHost { get }
    var lockHost: any LockHost { get }
    var rpcHost: any RPCHost { get }
    var connectionsHost: any ConnectionsHost { get }
    var redisHost: any RedisHost { get }
    var taskHost: any TaskHost { get }
    func run(_ name: String, version: String?, params: JSON.Object) async throws -> JSON
    /// What a client would be answered, whether the action succeeds or fails.
    func answer(_ name: String, version: String?, params: JSON.Object) async -> JSON
}
