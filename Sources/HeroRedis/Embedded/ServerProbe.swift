// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Asks a server from time to time whether it is there; without waiting for the answer.
///
/// A process that was stopped, or whose disk does not answer, keeps its socket: whoever connects waits. Used by one thread.
struct ServerProbe {
    enum News: Hashable {
        /// The server has not answered for so many milliseconds.
        case silent(Int)
        case answersAgain
    }

    /// Milliseconds between an answer and the next question.
    static let pause = 2000

    private let path: String
    /// Milliseconds without an answer after which it is told.
    private let limit: Int
    private(set) var descriptor: Int32 = -1
    private var nextAt: Int
    /// When the question was asked that has no answer yet.
    private var askedAt: Int?
    private var isTold = false
    private var hasAnswered = false

    init(_ path: String, limit: Int, now: Int) {
        (self.path, self.limit, nextAt) = (path, limit, now + Self.pause)
    }

    /// When ``look(now:)`` has something to do, unless there is something to read before.
    var due: Int {
        guard let askedAt, descriptor >= 0 else { return nextAt }
        return isTold ? .max : askedAt + limit
    }

    /// Asks, takes the answer, and notices that there is none.
    mutating func look(now: Int) -> News? {
        if let asked = askedAt {
            if takeAnswer() {
                (askedAt, nextAt, hasAnswered) = (nil, now + Self.pause, true)
                defer { isTold = false }
                return isTold ? .answersAgain : nil
            }
            nextAt = now + Self.pause
            guard now - asked >= limit, !isTold else { return nil }
            isTold = true
            return .silent(now - asked)
        }
        if now >= nextAt { ask(now) }
        return nil
    }

    /// A server that has only just been started does not listen yet.
    private mutating func ask(_ now: Int) {
        nextAt = now + Self.pause
        guard let socket = UnixSocket.connected(path) else {
            if hasAnswered { askedAt = now }
            return
        }
        let question = Array("PING\r\n".utf8)
        _ = question.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT)) }
        (descriptor, askedAt) = (socket, now)
    }

    /// Any answer is one: also that it is loading its data.
    private mutating func takeAnswer() -> Bool {
        guard descriptor >= 0 else {
            // It did not even take the connection; perhaps it does now.
            guard let socket = UnixSocket.connected(path) else { return false }
            Glibc.close(socket)
            return true
        }
        var byte: UInt8 = 0
        let count = recv(descriptor, &byte, 1, Int32(MSG_DONTWAIT))
        if count < 0, errno == EAGAIN || errno == EINTR { return false }
        close()
        return true
    }

    mutating func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }
}
