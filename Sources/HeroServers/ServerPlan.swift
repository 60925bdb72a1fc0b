// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroLog
package import HeroRuntime
package import HeroSystem

/// What the configuration says about one server: every process of an application makes the same from it, whether it serves
/// or only looks.
///
/// A plan is checked when it is made, and writes nothing then.
package protocol ServerPlan: Sendable {
    /// The server's name: that of its section of the configuration, of its listening socket and of its connections' type.
    var name: String { get }
    /// Whether there is to be such a server.
    var isEnabled: Bool { get }
    /// Where it listens.
    var address: ListenAddress { get }
    /// Who may connect to a Unix socket.
    var access: SocketAccess { get }

    /// Tells an operator what follows from the configuration; for a process that is about to serve.
    func announce(_ log: LogRouter)

    /// Makes the server with its socket, not yet accepting.
    ///
    /// - Parameter site: The process that it becomes a part of.
    /// - Returns: The server.
    /// - Throws: When there is no socket to be had.
    func bind(_ site: ServerSite) async throws -> any HeroServer
}
