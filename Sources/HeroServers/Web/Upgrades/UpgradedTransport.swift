// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroRuntime
package import NIOCore

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
