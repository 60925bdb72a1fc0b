// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// What carries one response at a time to a client: a connection of HTTP/1.1, or a stream of HTTP/2.
///
/// It belongs to the loop of its ``WebLoop`` and is told what to send by a ``RequestResponder``; when a response is
/// complete, it goes on with the next request by itself.
protocol ResponseTransport: AnyObject {
    /// Sends a response whose body is bytes, or that has none.
    func send(_ response: WebResponse, _ exchange: WebExchange)

    /// Sends a response whose body is a file or parts of one.
    func send(_ response: WebResponse, _ file: FileBody, _ exchange: WebExchange)

    /// Whether a file may be opened for the response now; otherwise ``RequestResponder/openHeldFile()`` tells when.
    func takesFile() -> Bool

    /// Tells the client that it may go on with another protocol, and leaves the way to it to the session.
    func upgrade(_ upgrade: AcceptedUpgrade, _ exchange: WebExchange)

    /// Sends the head of a response whose body is a stream.
    func beginStream(_ response: WebResponse, _ exchange: WebExchange)

    /// Sends the next piece of a stream.
    ///
    /// - Parameter chunk: Not empty.
    /// - Returns: Whether the client keeps up; otherwise ``RequestResponder/canWrite()`` tells when it has.
    func sendChunk(_ chunk: [UInt8]) -> Bool

    /// The connection is not to be used for another request.
    func closesAfterStream()

    func endStream()

    /// The rest of the response will never come; the client must notice.
    func abortStream()
}
