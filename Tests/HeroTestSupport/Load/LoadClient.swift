// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// One client of a load: a state machine over a socket that never blocks.
///
/// Used by the load's thread only.
final class LoadClient {
    enum Phase {
        /// Until the next request is due, in milliseconds.
        case pausing(until: Int)
        case connecting
        /// So many bytes of the request have left.
        case sending(Int)
        case receiving
        /// The answer said that the connection ends.
        case ending
    }

    /// How a read ended.
    private enum Arrival {
        case bytes, nothing, end
        case broken(String)
    }

    /// Long enough for a busy machine: reached only when an answer never comes.
    private static let patience = 30_000

    let pattern: LoadPattern
    private let port: Int
    private(set) var descriptor: Int32 = -1
    private(set) var phase: Phase
    private var received: [UInt8] = []
    private var since = 0
    private var pid: Int32?
    private var report: (LoadEvent) -> Void

    enum LoadEvent {
        case answer(pid: Int32?)
        case failure(LoadFailure)
    }

    init(_ pattern: LoadPattern, port: Int, start: Int, report: @escaping (LoadEvent) -> Void) {
        self.pattern = pattern
        self.port = port
        self.report = report
        phase = .pausing(until: start)
    }

    /// What the loop waits for; nothing without a connection.
    var interest: pollfd? {
        guard descriptor >= 0 else { return nil }
        switch phase {
        case .connecting, .sending: return pollfd(fd: descriptor, events: Int16(POLLIN | POLLOUT), revents: 0)
        case .pausing, .receiving, .ending: return pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        }
    }

    var isBusy: Bool {
        if case .pausing = phase { return false }
        return true
    }

    /// Does what can be done now.
    ///
    /// - Parameters:
    ///   - now: Milliseconds.
    ///   - isReady: Whether something has happened on the connection.
    ///   - mayBegin: Whether a new request may be begun.
    func advance(now: Int, isReady: Bool, mayBegin: Bool) {
        if isReady { look(now) }
        if case .pausing(let until) = phase {
            if now >= until, mayBegin { begin(now) }
        } else if now - since > Self.patience {
            fail(.silence, "nothing for \(Self.patience) ms", now)
        }
    }

    private func look(_ now: Int) {
        switch phase {
        case .pausing:
            // A server may end a connection between two requests.
            switch read() {
            case .nothing: break
            case .bytes: fail(.wrong, "bytes that nobody asked for: \(text)", now)
            case .end, .broken: hangUp()
            }
        case .connecting: connected(now)
        case .sending(let count): send(from: count, now)
        case .receiving: receive(now)
        case .ending: finish(now)
        }
    }

    // MARK: Sending

    private func begin(_ now: Int) {
        since = now
        received.removeAll(keepingCapacity: true)
        if descriptor >= 0 {
            // What came while this client waited is looked at before anything is sent.
            switch read() {
            case .nothing: return send(from: 0, now)
            case .bytes: return fail(.wrong, "bytes that nobody asked for: \(text)", now)
            case .end, .broken: hangUp()
            }
        }
        pid = nil
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, 4)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if code == 0 {
            send(from: 0, now)
        } else if errno == EINPROGRESS {
            phase = .connecting
        } else {
            fail(.refused, reason, now)
        }
    }

    private func connected(_ now: Int) {
        var (code, size): (Int32, socklen_t) = (0, 4)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
        if code != 0 { return fail(.refused, String(cString: strerror(code)), now) }
        send(from: 0, now)
    }

    private func send(from start: Int, _ now: Int) {
        let count = pattern.request.withUnsafeBytes {
            Foundation.send(
                descriptor, $0.baseAddress?.advanced(by: start), $0.count - start, Int32(MSG_NOSIGNAL))
        }
        if count < 0, errno != EAGAIN {
            // The first byte was refused by a socket that the server had ended before: a race that clients know.
            return fail(.unanswered, "send: \(reason)", now)
        }
        let sent = start + max(count, 0)
        phase = sent == pattern.request.count ? .receiving : .sending(sent)
    }

    // MARK: Receiving

    private func receive(_ now: Int) {
        while true {
            switch read() {
            case .nothing: return
            case .bytes:
                guard let answer = LoadAnswer(received) else { continue }
                return check(answer, now)
            case .end: return fail(received.isEmpty ? .unanswered : .truncated, "closed", now)
            case .broken(let why): return fail(received.isEmpty ? .unanswered : .truncated, why, now)
            }
        }
    }

    private func check(_ answer: LoadAnswer, _ now: Int) {
        pid = answer.pid ?? pid
        guard answer.status == 200, answer.bodyContains(pattern.expected) else {
            return fail(.wrong, text, now)
        }
        report(.answer(pid: answer.pid))
        guard answer.isLast else {
            phase = .pausing(until: now + pattern.pause)
            return
        }
        received.removeAll(keepingCapacity: true)
        phase = .ending
        finish(now)
    }

    private func finish(_ now: Int) {
        switch read() {
        case .nothing: return
        case .end:
            hangUp()
            phase = .pausing(until: now + pattern.pause)
        case .bytes: fail(.unclean, text, now)
        case .broken(let why): fail(.unclean, why, now)
        }
    }

    private func read() -> Arrival {
        withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 1) { buffer in
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count == 0 { return .end }
            guard count > 0 else { return errno == EAGAIN ? .nothing : .broken(reason) }
            received.append(contentsOf: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<count]))
            return .bytes
        }
    }

    // MARK: End

    private func fail(_ kind: LoadFailure.Kind, _ detail: String, _ now: Int) {
        report(.failure(LoadFailure(kind: kind, pattern: pattern.name, pid: pid, detail: detail)))
        hangUp()
        // A moment, so that a server that is gone does not fill the report by itself.
        phase = .pausing(until: now + max(pattern.pause, 20))
    }

    func hangUp() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }

    private var text: String { String(decoding: received.prefix(2000), as: UTF8.self) }
    private var reason: String { String(cString: strerror(errno)) }
}

/// As much of an answer as a load looks at; the C library searches, so that even a debug build keeps servers busy.
struct LoadAnswer {
    let status: Int
    /// Whether it announces the end of the connection.
    let isLast: Bool
    private(set) var pid: Int32?
    private let bytes: [UInt8]
    private let bodyStart: Int

    /// - Returns: `nil` until it is complete.
    init?(_ bytes: [UInt8]) {
        guard let end = Self.find("\r\n\r\n", in: bytes, from: 0) else { return nil }
        bodyStart = end + 4
        self.bytes = bytes
        func number(after text: String, from start: Int) -> Int? {
            guard let position = Self.find(text, in: bytes, from: start) else { return nil }
            let digits = bytes[(position + text.utf8.count)...].prefix { (48...57).contains($0) }
            return digits.reduce(0) { $0 * 10 + Int($1) - 48 }
        }
        guard let length = number(after: "\r\ncontent-length: ", from: 0), bytes.count >= bodyStart + length else {
            return nil
        }
        status = number(after: "HTTP/1.1 ", from: 0) ?? 0
        isLast = Self.find("\r\nConnection: close\r\n", in: bytes, from: 0).map { $0 < end } ?? false
        pid = number(after: "\"pid\": ", from: bodyStart).map(Int32.init)
    }

    func bodyContains(_ text: [UInt8]) -> Bool {
        Self.find(text, in: bytes, from: bodyStart) != nil
    }

    private static func find(_ text: String, in bytes: [UInt8], from start: Int) -> Int? {
        find(Array(text.utf8), in: bytes, from: start)
    }

    private static func find(_ text: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        bytes.withUnsafeBytes { all in
            text.withUnsafeBytes { wanted in
                guard let base = all.baseAddress, let needle = wanted.baseAddress else { return nil }
                var position = start
                while position + wanted.count <= all.count,
                    let found = memchr(base + position, Int32(wanted[0]), all.count - wanted.count + 1 - position)
                {
                    if memcmp(found, needle, wanted.count) == 0 { return UnsafeRawPointer(found) - base }
                    position = UnsafeRawPointer(found) - base + 1
                }
                return nil
            }
        }
    }
}
