// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
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

/// What to connect to: a path, or a short one that leads there for as long as this object lives.
final class SocketPath: Sendable {
    let text: String
    /// Of the directory, for a path that is too long; otherwise -1.
    private let directory: Int32
    private static let longest = 107

    init(_ path: String) {
        if path.utf8.count > Self.longest, let slash = path.lastIndex(of: "/") {
            directory = open(String(path[..<slash]), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            text = directory < 0 ? path : "/proc/self/fd/\(directory)\(path[slash...])"
        } else {
            (directory, text) = (-1, path)
        }
    }

    deinit { if directory >= 0 { close(directory) } }

    var fits: Bool { text.utf8.count <= Self.longest }
}

enum UnixSocket {
    static func answers(_ path: String) -> Bool {
        guard let socket = connected(path) else { return false }
        close(socket)
        return true
    }

    /// - Returns: A descriptor of the caller's; `nil` when nobody listens.
    static func connected(_ path: String) -> Int32? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard bytes.count < room else { return nil }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let socket = Glibc.socket(
            AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard socket >= 0 else { return nil }
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard code == 0 else {
            close(socket)
            return nil
        }
        return socket
    }
}
