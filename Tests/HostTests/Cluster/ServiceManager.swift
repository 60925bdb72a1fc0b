// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport

/// The service manager's end of `NOTIFY_SOCKET` (sd_notify(3)).
final class NotifySocket: Sendable {
    struct Silent: Error {}

    /// Long enough for a busy machine: reached only when a message never comes.
    private static let patienceSeconds = 120
    private static let queue = DispatchQueue(label: "tests.notify", attributes: .concurrent)
    /// What `NOTIFY_SOCKET` has to be.
    let name: String
    private let descriptor: Int32

    /// - Parameter name: A path, or `@` and a name that lies in no file system.
    /// - Throws: ``Silent`` when the socket cannot be opened.
    init(_ name: String) throws {
        self.name = name
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard UnixName(name).bind(descriptor) else { throw Silent() }
        var time = timeval(tv_sec: Self.patienceSeconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    /// Waits for the next message and returns its assignments.
    func next() async throws -> [String: String] {
        let descriptor = descriptor
        let text: String? = await withCheckedContinuation { continuation in
            Self.queue.async {
                var buffer = [UInt8](repeating: 0, count: 65_536)
                let count = recv(descriptor, &buffer, buffer.count, 0)
                continuation.resume(returning: count >= 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil)
            }
        }
        guard let text else { throw Silent() }
        let pairs = text.split(separator: "\n").map { line in
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            return (parts[0], parts.count > 1 ? parts[1] : "")
        }
        return Dictionary(pairs) { $1 }
    }

    /// Waits for a message that has such an assignment.
    ///
    /// - Returns: All messages up to that one.
    func messages(until wanted: ([String: String]) -> Bool) async throws -> [[String: String]] {
        var messages: [[String: String]] = []
        repeat { messages.append(try await next()) } while !wanted(messages[messages.count - 1])
        return messages
    }
}

/// A socket that systemd would open and hand over.
final class ActivatedSocket: Sendable {
    let descriptor: Int32
    let port: Int

    /// On a free port of this machine.
    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let isOpen = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && listen(descriptor, 128) == 0
                    && getsockname(descriptor, $0, &size) == 0
            }
        }
        port = Int(in_port_t(bigEndian: address.sin_port))
        guard isOpen else { throw NotifySocket.Silent() }
    }

    /// At a path.
    init(path: String) throws {
        port = 0
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard UnixName(path).bind(descriptor), listen(descriptor, 128) == 0 else { throw NotifySocket.Silent() }
    }

    deinit { close(descriptor) }
}

/// The address of a Unix socket.
struct UnixName {
    private var address = sockaddr_un()
    private let size: socklen_t

    init(_ name: String) {
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(name.utf8)
        let isAbstract = bytes.first == UInt8(ascii: "@")
        if isAbstract { bytes[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        size = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count + (isAbstract ? 0 : 1))
    }

    func bind(_ descriptor: Int32) -> Bool {
        withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { Foundation.bind(descriptor, $0, size) == 0 }
        }
    }
}
