// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroRuntime
internal import HeroSystem
internal import NIOCore

/// The head of a response as HTTP/1.1 has it.
struct HTTP1ResponseSink: ResponseHeadSink {
    var buffer: ByteBuffer
    /// The lines that say so; `nil` when the connection ends with this response.
    private let keepAlive: [UInt8]?
    private let isChunked: Bool

    /// - Parameters:
    ///   - buffer: Where the head goes.
    ///   - keepAlive: What is said when another request may follow.
    ///   - isChunked: Whether a body of unknown length is sent in chunks; otherwise it ends with the connection.
    init(_ buffer: consuming ByteBuffer, keepAlive: [UInt8]?, isChunked: Bool = true) {
        self.buffer = buffer
        self.keepAlive = keepAlive
        self.isChunked = isChunked
    }

    mutating func writeStatus(_ status: Int) {
        buffer.writeStaticString("HTTP/1.1 ")
        buffer.writeString(String(status))
        buffer.writeStaticString(" ")
        buffer.writeStaticString(HTTPStatus.reason(status))
        buffer.writeStaticString("\r\n")
    }

    mutating func writeUsualStart(_ usual: UsualHeaders) { buffer.writeBytes(usual.textWithStatus) }
    mutating func writeUsual(_ usual: UsualHeaders) { buffer.writeBytes(usual.text) }

    mutating func writeField(_ name: String, _ value: String) {
        buffer.writeString(name)
        buffer.writeStaticString(": ")
        buffer.writeString(value)
        buffer.writeStaticString("\r\n")
    }

    mutating func writeCookie(_ cookie: SessionCookie, _ clock: LoopClock) {
        buffer.writeBytes(cookie.prefix)
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 40) { bytes in
            cookie.fingerprint.write(to: bytes.bindMemory(to: UInt8.self))
            return 40
        }
        buffer.writeBytes(clock.attributes(of: cookie))
    }

    mutating func writeLength(_ length: Int, inCapitals: Bool) {
        if inCapitals {
            buffer.writeStaticString("Content-Length: ")
        } else {
            buffer.writeStaticString("content-length: ")
        }
        buffer.writeDecimal(length)
        buffer.writeStaticString("\r\n")
    }

    mutating func writeDateAndConnection(_ clock: LoopClock) {
        buffer.writeBytes(clock.dateHeader)
        if let keepAlive {
            buffer.writeBytes(keepAlive)
        } else {
            buffer.writeStaticString("Connection: close\r\n")
        }
    }

    mutating func writeUnknownLength() {
        if isChunked { buffer.writeStaticString("Transfer-Encoding: chunked\r\n") }
    }

    mutating func endHead() { buffer.writeStaticString("\r\n") }
}

extension ByteBuffer {
    /// - Parameter number: Not negative.
    mutating func writeDecimal(_ number: Int) {
        DecimalDigits.of(number) { _ = writeBytes(UnsafeRawBufferPointer($0)) }
    }
}
