// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// The `redis-server` that hero runs for a project.
package struct EmbeddedSettings: Sendable, Hashable {
    /// Name or path of the program.
    package var executable = "redis-server"
    /// Absolute; has the data, the socket and the locks.
    package var directory: String
    /// `always`, `everysec` or `no`.
    package var syncs = "everysec"
    package var databases = 16
    /// Milliseconds after which a server that does not answer is told of.
    package var silenceLimit = 10_000

    package init(directory: String) { self.directory = directory }

    package var socket: String { "\(directory)/\(Self.socketName)" }

    /// Whether somebody listens there now.
    package var isServed: Bool { UnixSocket.answers(SocketPath(socket).text) }

    static let socketName = "redis.sock"
    /// Held by the process that runs the server.
    var ownerLock: String { "\(directory)/owner.lock" }
    /// Which program has been found recent enough.
    var knownProgram: String { "\(directory)/program" }
    /// Held by the server itself: its data must not be touched while it is.
    var serverLock: String { "\(directory)/server.lock" }

    /// Relative to its directory, so that the path of the project may be of any length.
    var arguments: [String] {
        [
            "--dir", directory, "--unixsocket", Self.socketName, "--unixsocketperm", "700", "--port", "0",
            "--appendonly",
            "yes", "--appendfsync", syncs, "--save", "", "--maxmemory-policy", "noeviction", "--databases",
            "\(max(16, databases))", "--daemonize", "no", "--loglevel", "notice",
        ]
    }
}

/// A redis-server of our own cannot be run.
package struct EmbeddedFailure: Error, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
