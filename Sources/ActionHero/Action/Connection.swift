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
    /// What only this process needs is better kept in ``session``. All values of a connection have 64 kB, names included and
    /// written as JSON. What does not fit is not set, and what had that name stays; whoever is not sure of the size calls
    /// ``Connections/set(_:_:of:)``, which throws why.
    ///
    /// - Parameters:
    ///   - name: Any text but the names of what is known about every connection, such as `id`: these are not set.
    ///   - value: `null` removes it.
    public func set(_ name: String, _ value: JSON) { try? host.set(name, value) }

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
