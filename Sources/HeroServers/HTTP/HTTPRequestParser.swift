// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// Splits a stream of bytes into HTTP/1.1 requests (RFC 9112), without I/O.
///
/// It is strict where lenience has let requests be smuggled past proxies: no bare line feeds, no folded headers, no white
/// space before a colon, one way to say how long the body is.
struct HTTPRequestParser {
    /// `web.limits`.
    struct Limits: Sendable {
        let requestLineBytes: Int
        let headerCount: Int
        let headerBytes: Int
        let bodyBytes: Int
        /// Bytes of following requests that are read while one is being answered.
        let pipelinedBytes: Int
    }

    enum Event {
        case needsMoreData
        case head(HTTPRequestHead)
        case body(ByteBuffer)
        /// The request is complete; the next one may follow in the buffer.
        case end
    }

    private enum State {
        case head
        case body(remaining: Int)
        case chunks(HTTPChunkDecoder)
        case ended
    }

    private let limits: Limits
    private var state = State.head
    /// Beside the state: taking it out of there and putting it back would copy it with each request.
    private var scanner: HTTPHeadScanner

    init(limits: Limits) {
        self.limits = limits
        scanner = HTTPHeadScanner(limits: limits)
    }

    /// Whether part of a request has arrived; an idle connection may be closed without an answer.
    var isInsideRequest: Bool {
        switch state {
        case .head: scanner.hasBegun
        case .body, .chunks, .ended: true
        }
    }

    /// Takes what it can use from the buffer.
    ///
    /// - Throws: ``HTTPFault``; afterwards the parser must not be used again.
    mutating func next(_ buffer: inout ByteBuffer) throws(HTTPFault) -> Event {
        switch state {
        case .head:
            guard let head = try scanner.scan(&buffer) else { return .needsMoreData }
            scanner = HTTPHeadScanner(limits: limits)
            state = try stateAfter(head)
            return .head(head)
        case .body(let remaining):
            guard let slice = buffer.readSlice(length: min(remaining, buffer.readableBytes)), slice.readableBytes > 0
            else {
                return .needsMoreData
            }
            let left = remaining - slice.readableBytes
            state = left == 0 ? .ended : .body(remaining: left)
            return .body(slice)
        case .chunks(var decoder):
            let event = try decoder.next(&buffer)
            state = .chunks(decoder)
            switch event {
            case .needsMoreData: return .needsMoreData
            case .data(let slice): return .body(slice)
            case .end:
                state = .head
                return .end
            }
        case .ended:
            state = .head
            return .end
        }
    }

    private func stateAfter(_ head: HTTPRequestHead) throws(HTTPFault) -> State {
        switch head.framing.body {
        case .none, .length(0): return .ended
        case .length(let length):
            guard length <= limits.bodyBytes else { throw .bodyTooLarge }
            return .body(remaining: length)
        case .chunked: return .chunks(HTTPChunkDecoder(limits: limits))
        }
    }
}

extension ASCII {
    static func hexadecimalValue(_ byte: UInt8) -> Int? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte) - 48
        case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte) - 87
        case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte) - 55
        default: nil
        }
    }
}
