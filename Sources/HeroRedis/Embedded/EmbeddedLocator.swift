// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// The server that a process of this project runs; it comes back at the same place.
package final class EmbeddedLocator: RedisLocator {
    private let path: String
    private let usable: Mutex<SocketPath>
    private let onDemand: EmbeddedOnDemand?

    /// Milliseconds for a server that is being started.
    private static let patience = 2000

    /// - Parameters:
    ///   - path: Of the server's socket.
    ///   - onDemand: Runs the server when nobody else does; `nil` to leave that to others.
    package init(_ path: String, startingOnDemand onDemand: EmbeddedOnDemand? = nil) {
        self.path = path
        self.onDemand = onDemand
        usable = Mutex(SocketPath(path))
    }

    /// A directory that is made on demand was not there at first.
    private var address: String {
        usable.withLock { address in
            if !address.fits { address = SocketPath(path) }
            return address.text
        }
    }

    package var checksRole: Bool { false }

    package func locate() async throws(RedisError) -> RedisEndpoint {
        let end = ContinuousClock.now + .milliseconds(Self.patience)
        while !UnixSocket.answers(address) {
            try onDemand?.start()
            guard ContinuousClock.now < end, !Task.isCancelled else {
                throw RedisError(.notSent, "the embedded redis-server does not listen at \(path)")
            }
            // Connecting costs microseconds and tells at once; the usual pause between attempts would be felt.
            try? await Task.sleep(for: .milliseconds(3))
        }
        return .unix(path: address)
    }
}
