// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

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
    /// - Throws: As ``ConnectionValues/set(_:_:)``.
    func set(_ name: String, _ value: JSON) throws
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
