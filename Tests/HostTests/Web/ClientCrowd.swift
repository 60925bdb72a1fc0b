// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport

/// Many connections that behave badly together, served by one thread.
final class ClientCrowd: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// What a connection has come to.
    struct End: Sendable, Hashable {
        /// What the server said before it closed.
        let text: String
    }

    private let sockets: [Int32]

    /// - Parameters:
    ///   - count: How many connections.
    ///   - port: Of 127.0.0.1.
    ///   - receiveBuffer: What the system takes for a client that does not read, in bytes; `nil` for the usual.
    /// - Throws: ``Failure`` when the system has no socket left or nobody listens.
    init(_ count: Int, port: Int, receiveBuffer: Int32? = nil) throws {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        if limit.rlim_cur < rlim_t(count + 1000), limit.rlim_cur < limit.rlim_max {
            limit.rlim_cur = limit.rlim_max
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        var sockets: [Int32] = []
        for _ in 0..<count {
            do {
                sockets.append(try Self.connect(port: port, receiveBuffer: receiveBuffer))
            } catch {
                for socket in sockets { close(socket) }
                throw error
            }
        }
        self.sockets = sockets
    }

    deinit { for socket in sockets { close(socket) } }

    private static func connect(port: Int, receiveBuffer: Int32?) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        if var size = receiveBuffer { setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, 4) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard descriptor >= 0, result == 0 else {
            let text = "cannot connect to port \(port): \(String(cString: strerror(errno)))"
            close(descriptor)
            throw Failure(description: text)
        }
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        return descriptor
    }

    /// Sends the same bytes on all connections.
    func send(_ text: String) {
        let bytes = Array(text.utf8)
        for socket in sockets { _ = Foundation.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }
    }

    /// Sends a byte a second on each connection that is open, reads what comes, until the server has closed all.
    ///
    /// - Parameter byte: What to send; `nil` to send nothing.
    /// - Returns: How often each end was seen.
    func dribble(_ byte: UInt8?) async -> [End: Int] {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { [self] in continuation.resume(returning: wait(byte)) }
        }
    }

    private func wait(_ byte: UInt8?) -> [End: Int] {
        var ends: [End: Int] = [:]
        var open = Dictionary(uniqueKeysWithValues: sockets.map { ($0, [UInt8]()) })
        while !open.isEmpty {
            if var byte { for socket in open.keys { _ = Foundation.send(socket, &byte, 1, Int32(MSG_NOSIGNAL)) } }
            let second = Date(timeIntervalSinceNow: 1)
            while !open.isEmpty, second.timeIntervalSinceNow > 0 {
                var polled = open.keys.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
                guard poll(&polled, nfds_t(polled.count), Int32(max(1, second.timeIntervalSinceNow * 1000))) > 0
                else { continue }
                for entry in polled where entry.revents != 0 { read(entry.fd, &open, &ends) }
            }
        }
        return ends
    }

    private func read(_ socket: Int32, _ open: inout [Int32: [UInt8]], _ ends: inout [End: Int]) {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(socket, &buffer, buffer.count, 0)
        if count > 0 {
            open[socket]?.append(contentsOf: buffer[..<count])
        } else if count == 0 || errno != EAGAIN && errno != EINTR {
            ends[End(text: String(decoding: open.removeValue(forKey: socket) ?? [], as: UTF8.self)), default: 0] += 1
        }
    }
}
