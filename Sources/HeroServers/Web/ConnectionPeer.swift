// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroSystem
internal import HeroTLS

/// The client's end of a connection, counted among those of the worker.
struct ConnectionPeer {
    private(set) var remote = RemoteAddress(nil)
    /// The client passes on what others ask, and says who they are.
    private(set) var isProxied = false
    private var isCounted = false
    private var countedAddress: IPAddress?

    /// Counts the connection.
    ///
    /// - Throws: ``TooManyConnections``.
    mutating func open(_ remote: RemoteAddress, _ shared: WebLoop) throws(TooManyConnections) {
        isCounted = shared.connections.open()
        try identify(remote, shared)
    }

    /// A proxy has said who the client is, or the connection itself has.
    ///
    /// - Throws: ``TooManyConnections``.
    mutating func identify(_ remote: RemoteAddress, _ shared: WebLoop) throws(TooManyConnections) {
        self.remote = remote
        isProxied = shared.connections.trusts(remote)
        guard isCounted else { throw TooManyConnections() }
        countedAddress = try shared.connections.attribute(remote)
    }

    mutating func identify(by certificate: TLSPeerCertificate?) { remote = remote.identified(by: certificate) }

    mutating func close(_ shared: WebLoop) {
        if isCounted { shared.connections.close(countedAddress) }
        isCounted = false
    }
}
