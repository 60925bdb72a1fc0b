// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// What a client begins with that knows that the server speaks HTTP/2 (RFC 9113, 3.3 and 3.4).
enum HTTP2Preface {
    enum Match {
        case complete
        /// Nothing that has arrived speaks against it.
        case possible
        case none
    }

    private static let bytes = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    static func match(_ input: ByteBuffer) -> Match {
        // Nearly every request of HTTP/1.1 is told by its first two letters.
        let view = input.readableBytesView
        guard view.starts(with: bytes.prefix(min(2, view.count))) else { return .none }
        let count = min(bytes.count, view.count)
        guard view.prefix(count).elementsEqual(bytes.prefix(count)) else { return .none }
        return count == bytes.count ? .complete : .possible
    }
}
