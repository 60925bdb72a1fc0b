// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// A connection that sends exactly the bytes it is told to.
package final class HTTPConnection: Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// Long enough for a busy machine: reached only when an answer never comes.
    private static let patienceSeconds = 60
    private static let queue = DispatchQueue(label: "tests.connections", attributes: .concurrent)
    private let descriptor: Int32
    /// What has been received behind the last response.
    private let surplus = Mutex<[UInt8]>([])

    package init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            close(descriptor)
            throw Failure(description: "cannot connect to port \(port): \(String(cString: strerror(errno)))")
        }
        var time = timeval(tv_sec: Self.patienceSeconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, 4)
    }

    deinit { close(descriptor) }

    package func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    package func send(_ bytes: [UInt8]) async throws {
        try await blocking { descriptor in
            var sent = 0
            while sent < bytes.count {
                let count = bytes[sent...].withUnsafeBytes {
                    Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { throw Failure(description: "send: \(String(cString: strerror(errno)))") }
                sent += count
            }
        }
    }

    /// No more will be sent.
    package func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Closing it tells the other side that nobody listens any more, which the end of sending does not.
    package func leavesByReset() {
        var value = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &value, socklen_t(MemoryLayout<linger>.size))
    }

    /// Reads until the other side closes.
    package func readToEnd() async throws -> [UInt8] {
        try await blocking { descriptor in
            var all = self.takeSurplus()
            while let chunk = try Self.readChunk(descriptor) { all += chunk }
            return all
        }
    }

    /// Reads some of what comes.
    package func read(atLeast count: Int) async throws -> [UInt8] {
        try await blocking { descriptor in
            var all = self.takeSurplus()
            while all.count < count {
                guard let chunk = try Self.readChunk(descriptor) else {
                    throw Failure(description: "closed after \(all.count) bytes")
                }
                all += chunk
            }
            return all
        }
    }

    /// Reads one response.
    ///
    /// - Parameter hasBody: `false` for the answer to HEAD.
    /// - Returns: The next response on this connection.
    /// - Throws: An error when the connection ends before the response does.
    package func response(hasBody: Bool = true) async throws -> HTTPResponse {
        try await blocking { descriptor in
            var bytes = self.takeSurplus()
            while true {
                if let response = try HTTPResponse(bytes, hasBody: hasBody, atEnd: false) {
                    self.surplus.withLock { $0 = Array(bytes.dropFirst(response.length)) }
                    return response
                }
                guard let chunk = try Self.readChunk(descriptor) else {
                    guard let response = try HTTPResponse(bytes, hasBody: hasBody, atEnd: true) else {
                        throw Failure(description: "closed after \(bytes.count) bytes")
                    }
                    return response
                }
                bytes += chunk
            }
        }
    }

    private func takeSurplus() -> [UInt8] {
        surplus.withLock { surplus in
            defer { surplus = [] }
            return surplus
        }
    }

    private static func readChunk(_ descriptor: Int32) throws -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count == 0 || (count < 0 && errno == ECONNRESET) { return nil }
        guard count > 0 else { throw Failure(description: "receive: \(String(cString: strerror(errno)))") }
        return Array(buffer[..<count])
    }

    private func blocking<T: Sendable>(_ body: @escaping @Sendable (Int32) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            Self.queue.async { [self] in continuation.resume(with: Result { try body(descriptor) }) }
        }
    }
}

extension RunningHero {
    /// One request on a connection of its own.
    package func request(
        _ target: String, method: String = "GET", headers: [(String, String)] = [], body: String? = nil
    ) async throws -> HTTPResponse {
        let connection = try HTTPConnection(port: await port)
        var head = "\(method) \(target) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if let body { head += "Content-Length: \(body.utf8.count)\r\n" }
        try await connection.send(head + "\r\n" + (body ?? ""))
        return try await connection.response(hasBody: method != "HEAD")
    }
}
