// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A client: one HTTP request, one WebSocket, one TCP connection, or a place inside the process that runs an action.
public struct Connection: Sendable {
    private let host: any ConnectionHost

    package init(host: any ConnectionHost) { self.host = host }

    /// Identifies the connection among all processes.
    public var id: String { host.id }

    /// Identifies the client across its connections: over HTTP the value of the session cookie.
    public var fingerprint: String { host.fingerprint }

    /// Gives the client another fingerprint, which the response asks it to keep.
    ///
    /// To be called when somebody logs in: whoever has made a victim's browser send a value that he knows (session fixation)
    /// does not know the new one. ``fingerprint`` is the new one from then on, ``id`` stays. What is stored under the old
    /// fingerprint, in the cache for example, is for the caller to store anew and to remove.
    ///
    /// - Returns: `false` when nothing has changed, because the client could not be told: for other connections than HTTP,
    ///   and where `web.fingerprintOptions.toSetCookie` is `false`.
    @discardableResult
    public func renewFingerprint() -> Bool { host.renewFingerprint() }

    /// The kind: `web`, `websocket`, `socket`, `in-line-action`, `task`, `cli` or that of a server of a plugin.
    public var type: String { host.type }

    /// The client's address.
    public var remoteIP: String { host.remoteIP }

    /// The client's port; 0 when it has none.
    public var remotePort: Int { host.remotePort }

    /// What the client has identified itself with over TLS; `nil` without one.
    ///
    /// Clients are asked for it when `web.serverOptions.clientCertificates` says so.
    public var clientCertificate: ClientCertificate? { host.clientCertificate }

    /// When the connection began, in milliseconds since 1970.
    public var connectedAtMilliseconds: Int { host.connectedAtMilliseconds }

    /// What middleware and actions keep with the connection, for example who is logged in.
    public var session: Session { host.session }

    /// The HTTP request; `nil` for other kinds of connections.
    public var request: Request? { host.requestHost.map(Request.init(host:)) }

    /// The chat rooms of which the connection is a member.
    public var rooms: [String] { host.rooms }

    /// Whether this kind of connection can be a member of chat rooms.
    public var canChat: Bool { host.canChat }

    /// How many actions run for the connection.
    public var pendingActions: Int { host.pendingActions }

    /// How many actions the connection has asked for.
    public var totalActions: Int { host.totalActions }

    /// Whether the connection has ended or is about to: see ``destroy()``.
    public var isDestroyed: Bool { host.isDestroyed }

    /// A value that was set.
    ///
    /// - Parameter name: Any text.
    /// - Returns: `nil` when there is none.
    public func value(_ name: String) -> JSON? { host.values[name] }

    /// Sets a value that lives as long as the connection and that every process can see: ``Connections/apply(_:)``.
    ///
    /// What only this process needs is better kept in ``session``.
    ///
    /// - Parameters:
    ///   - name: Any text; the names of what is known about every connection, such as `id`, are shown in place of it.
    ///   - value: `null` removes it.
    public func set(_ name: String, _ value: JSON) { host.set(name, value) }

    /// Sends a message that is not the answer to a request.
    ///
    /// It is on its way when this returns; a client that is slow takes it later. A stream of events
    /// (``Response/sendEvents(heartbeat:)``) gets it as an event whose data is the message.
    ///
    /// - Parameter message: Any JSON value.
    /// - Throws: ``ConnectionError`` when too much waits for the client, or it has gone; ``ActionError`` when this kind of
    ///   connection cannot be written to at any time, as a usual HTTP request.
    public func sendMessage(_ message: JSON) async throws { try await host.send(message) }

    /// The same as ``sendMessage(_:)``.
    ///
    /// - Parameter message: Any JSON value.
    /// - Throws: As ``sendMessage(_:)``.
    public func send(_ message: JSON) async throws { try await host.send(message) }

    /// Sends a public file that is not the answer to a request, in the way of the connection's protocol.
    ///
    /// - Parameter path: The file's path below one of the public directories.
    /// - Throws: ``ConnectionError``; ``ActionError`` when this kind of connection takes no files, as HTTP, where an action
    ///   answers with ``Response/send(file:)``.
    public func sendFile(_ path: String) async throws { try await host.sendFile(path) }

    /// Closes the connection after what has been written so far.
    ///
    /// A stream of events ends; another response is sent to its end first.
    public func destroy() async { await host.destroy() }
}

/// A client's certificate, signed by an authority that the server trusts.
public struct ClientCertificate: Sendable, Hashable {
    /// Who it is for, as RFC 4514 writes names: `CN=ada,O=Example`.
    public let subject: String

    /// Who has signed it, in the same form.
    public let issuer: String

    /// The issuer's number for it, in hexadecimal digits.
    public let serialNumber: String

    /// SHA-256 over the certificate, in 64 hexadecimal digits in small letters.
    public let fingerprint: String

    package init(subject: String, issuer: String, serialNumber: String, fingerprint: String) {
        self.subject = subject
        self.issuer = issuer
        self.serialNumber = serialNumber
        self.fingerprint = fingerprint
    }
}

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
