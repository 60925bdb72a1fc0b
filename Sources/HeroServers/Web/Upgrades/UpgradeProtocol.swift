// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
package import HeroRuntime
package import NIOCore

/// A protocol with which a client may go on in place of HTTP: over HTTP/1.1 on the whole connection (RFC 9110, 7.8), over
/// HTTP/2 on one of its streams (RFC 8441).
///
/// The web server's plan lists the protocols; everything is called on the loop of the connection.
package protocol UpgradeProtocol: Sendable {
    /// As clients name it, in small letters: `websocket`.
    var token: String { get }

    /// Whether the request is for this protocol; one that is not is answered as if it had asked for nothing.
    ///
    /// It is called for each request that names the protocol, so it must be quick.
    func isMeant(by request: UpgradeRequest) -> Bool

    /// - Parameter request: One that is meant for this protocol, read whole.
    /// - Returns: Who goes on, or why nobody does.
    func answer(_ request: UpgradeRequest) -> UpgradeAnswer
}

/// A request to go on with another protocol.
package struct UpgradeRequest: Sendable {
    let exchange: WebExchange

    /// Path, query, headers, cookies.
    package var request: Request { Request(host: exchange) }

    /// Who asks, trusted proxies taken into account; fingerprint and certificate are the client's.
    package var connection: any ConnectionHost { exchange }

    /// Over HTTP/2: the client sends no key that has to be answered.
    package var isExtendedConnect: Bool { exchange.head.framing.upgrade == .demanded }
}

package enum UpgradeAnswer {
    /// - Parameters:
    ///   - headers: For the head that says so, beside those of HTTP itself; fit to be sent.
    ///   - session: What goes on.
    case accepted(headers: [(name: String, value: String)], any UpgradedSession)

    /// - Parameters:
    ///   - status: 400 to 599.
    ///   - reason: What is wrong, for the client.
    ///   - headers: In small letters, fit to be sent.
    case refused(status: Int, reason: String, headers: [(name: String, value: String)])
}

/// What goes on where HTTP has ended: takes the client's bytes and answers through its transport.
///
/// Touched by one loop only, each of whose calls must be brief.
package protocol UpgradedSession: AnyObject {
    /// The client has been told; it hears what is written from now on.
    ///
    /// - Parameter transport: To be let go of in ``closed()``.
    func opened(_ transport: any UpgradedTransport)

    /// Bytes in the order in which they were sent, in pieces of any size; the first ones may have come with the request.
    func received(_ bytes: ByteBuffer)

    /// The client will send nothing more; it may well listen.
    func inputEnded()

    /// The client has taken what was too much for it.
    func canWrite()

    /// Called once a second, for limits of time.
    func sweep(_ now: NIODeadline)

    /// The server is stopping: the session says what its protocol has for that, and ends.
    func stopBegan()

    /// Nothing arrives any more, and nothing can be written. Called once.
    func closed()
}

/// The way to a client that has been upgraded; touched by one loop only.
package protocol UpgradedTransport: AnyObject {
    var eventLoop: any EventLoop { get }

    /// Where a session makes itself known to the rest of the cluster; it removes itself in ``UpgradedSession/closed()``.
    var registry: ConnectionRegistry { get }

    /// Sends bytes.
    ///
    /// A client that takes nothing for `web.timeouts.write` is cut off.
    ///
    /// - Returns: Whether the client keeps up; otherwise ``UpgradedSession/canWrite()`` tells when it has.
    func write(_ bytes: ByteBuffer) -> Bool

    /// While it is set, the client is asked for no more; what was on its way may still arrive.
    var isReadingPaused: Bool { get set }

    /// Sends nothing more, and closes once the client has taken everything.
    func end()

    /// Closes at once.
    func abort()
}

/// A session that has been accepted, and the head that says so.
struct AcceptedUpgrade {
    let token: String
    let headers: [(name: String, value: String)]
    let session: any UpgradedSession
}
