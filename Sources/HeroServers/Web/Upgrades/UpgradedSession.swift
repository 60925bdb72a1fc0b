// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import NIOCore

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
