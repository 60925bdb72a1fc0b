// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// A network between clients and a server of this machine, with all that networks do to connections.
///
/// Listens on a free port of 127.0.0.1. Two threads carry the bytes of each connection, one in each direction.
package final class FaultyProxy: Sendable {
    /// What happens to bytes.
    package enum Weather: Sendable {
        case fine
        /// They wait, in both directions.
        case stalled
        /// They are lost, and those of connections that have lost some are for ever: neither end is told.
        case deaf
    }

    /// The connection on which something comes next is cut.
    package enum Cut: Sendable {
        /// The server does not get it.
        case request
        /// The server has done what was asked, and the client does not hear of it.
        case reply
    }

    private struct State {
        var weather = Weather.fine
        var cut: Cut?
        var hasEnded = false
        var descriptors: Set<Int32> = []
        /// Server's ends of connections that have lost bytes.
        var deaf: Set<Int32> = []
        var cuts = 0
    }

    private let state = Mutex(State())
    private let listener: Int32
    /// Where it listens.
    package let port: Int
    private let target: Int

    /// - Parameter target: The server's port.
    /// - Throws: An error when it cannot listen.
    package init(to target: Int) throws {
        self.target = target
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = Self.address(0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { [listener] pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, size) == 0 && listen(listener, 64) == 0 && getsockname(listener, $0, &size) == 0
            }
        }
        guard isListening else {
            throw RedisServer.Failure(description: "no proxy: \(String(cString: strerror(errno)))")
        }
        port = Int(in_port_t(bigEndian: address.sin_port))
        let listener = listener
        Thread.detachNewThread { [weak self] in
            while true {
                let client = accept(listener, nil, nil)
                if client < 0, errno == EINTR || errno == ECONNABORTED { continue }
                guard client >= 0, let self else { return }
                // A program that is started between the two holds the connection until it ends, which no test minds.
                _ = fcntl(client, F_SETFD, FD_CLOEXEC)
                self.carry(client)
            }
        }
    }

    deinit { end() }

    private static func address(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return address
    }

    package func set(_ weather: Weather) { state.withLock { $0.weather = weather } }
    package func cut(_ cut: Cut) { state.withLock { $0.cut = cut } }
    /// How many connections have been cut by ``cut(_:)``.
    package var cuts: Int { state.withLock { $0.cuts } }

    /// Ends all connections at once.
    package func cutAll() {
        // Whoever carries bytes closes its descriptors itself.
        state.withLock { state in state.descriptors.forEach { shutdown($0, Int32(SHUT_RDWR)) } }
    }

    package func end() {
        let isFirst = state.withLock { state in
            defer { state.hasEnded = true }
            return !state.hasEnded
        }
        guard isFirst else { return }
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
        cutAll()
    }

    // MARK: One connection

    private func carry(_ client: Int32) {
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = Self.address(target)
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected, state.withLock({ !$0.hasEnded }) else {
            close(client)
            close(server)
            return
        }
        state.withLock { state in
            state.descriptors.formUnion([client, server])
            state.deaf.remove(server)
        }
        let pumps = Pumps()
        for (source, sink, isRequest) in [(client, server, true), (server, client, false)] {
            Thread.detachNewThread { [weak self] in
                self?.pump(source, sink, isRequest ? .request : .reply, key: server)
                shutdown(client, Int32(SHUT_RDWR))
                shutdown(server, Int32(SHUT_RDWR))
                guard pumps.isLast() else { return }
                self?.state.withLock { $0.descriptors.subtract([client, server]) }
                close(client)
                close(server)
            }
        }
    }

    private final class Pumps: Sendable {
        private let left = Mutex(2)
        func isLast() -> Bool {
            left.withLock { left in
                left -= 1
                return left == 0
            }
        }
    }

    private enum Fate { case carried, waits, lost, cut }

    private func fate(_ direction: Cut, key: Int32) -> Fate {
        state.withLock { state in
            if state.hasEnded { return .cut }
            if state.deaf.contains(key) { return .lost }
            switch state.weather {
            case .stalled: return .waits
            case .deaf:
                state.deaf.insert(key)
                return .lost
            case .fine:
                guard state.cut == direction else { return .carried }
                state.cut = nil
                state.cuts += 1
                return .cut
            }
        }
    }

    private func pump(_ source: Int32, _ sink: Int32, _ direction: Cut, key: Int32) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(source, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            var fate = fate(direction, key: key)
            while fate == .waits {
                usleep(1000)
                fate = self.fate(direction, key: key)
            }
            if fate == .cut { return }
            if fate == .lost { continue }
            var start = 0
            while start < count {
                let written = buffer[start..<count].withUnsafeBytes {
                    send(sink, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                if written < 0, errno == EINTR { continue }
                guard written > 0 else { return }
                start += written
            }
        }
    }
}
