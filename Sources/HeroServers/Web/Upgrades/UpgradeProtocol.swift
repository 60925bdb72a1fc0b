// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A protocol with which a client may go on in place of HTTP: over HTTP/1.1 on the whole connection (RFC 9110, 7.8), over
/// HTTP/2 on one of its streams (RFC 8441).
///
/// The web server's plan lists the protocols; everything is called on the loop of the connection.
package protocol UpgradeProtocol: Sendable {
    /// The protocol's name in a client's request, in small letters: `websocket`.
    var token: String { get }

    /// Whether the request is for this protocol; one that is not is answered as if it had asked for nothing.
    ///
    /// It is called for each request that names the protocol, so it must be quick.
    func isMeant(by request: UpgradeRequest) -> Bool

    /// - Parameter request: One that is meant for this protocol, read whole.
    /// - Returns: Who goes on, or why nobody does.
    func answer(_ request: UpgradeRequest) -> UpgradeAnswer
}

/// A session that has been accepted, and the head that says so.
struct AcceptedUpgrade {
    let token: String
    let headers: [(name: String, value: String)]
    let session: any UpgradedSession
}
