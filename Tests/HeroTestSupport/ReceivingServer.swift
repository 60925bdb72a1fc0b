// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// An HTTP server on a port of its own that keeps what is posted to it.
package final class ReceivingServer: Sendable {
    /// A request with its body.
    package struct Received: Sendable {
        package let head: String
        package let body: String
    }

    private struct State {
        var received: [Received] = []
        var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    package let port: Int
    private let descriptor: Int32
    private let state = Mutex(State())

    package init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 64) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard code else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [weak self] in
            while case let client = accept(descriptor, nil, nil), client >= 0 {
                guard let self else {
                    close(client)
                    break
                }
                self.serve(client)
            }
        }
    }

    deinit {
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
    }

    private func serve(_ client: Int32) {
        defer { close(client) }
        var bytes = Data()
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(client, &buffer, buffer.count)
            guard count > 0 else { return }
            bytes.append(contentsOf: buffer[..<count])
            guard let end = bytes.range(of: Data("\r\n\r\n".utf8)) else { continue }
            let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
            let line = head.components(separatedBy: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
            let length = line.flatMap {
                Int($0.dropFirst("content-length:".count).trimmingCharacters(in: .whitespaces))
            }
            guard bytes.count - end.upperBound >= length ?? 0 else { continue }
            let body = String(decoding: bytes[end.upperBound...], as: UTF8.self)
            let answer = Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}".utf8)
            _ = write(client, answer, answer.count)
            return add(Received(head: head, body: body))
        }
    }

    private func add(_ received: Received) {
        let ready = state.withLock { state in
            state.received.append(received)
            let ready = state.waiters.filter { $0.count <= state.received.count }
            state.waiters.removeAll { $0.count <= state.received.count }
            return ready
        }
        for waiter in ready { waiter.continuation.resume() }
    }

    /// Waits until so many requests have come.
    ///
    /// - Returns: All that have come.
    package func received(_ count: Int) async -> [Received] {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.received.count < count { state.waiters.append((count, continuation)) }
                return state.received.count >= count
            }
            if isThere { continuation.resume() }
        }
        return state.withLock { $0.received }
    }
}
