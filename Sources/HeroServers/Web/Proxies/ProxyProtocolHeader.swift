// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroSystem
internal import NIOCore

/// What a proxy writes before the first byte of a client: the PROXY protocol of HAProxy, versions 1 and 2.
struct ProxyProtocolHeader: Sendable {
    enum Outcome: Sendable {
        case needsMoreData
        /// The header has been taken from the buffer.
        case complete(ProxyProtocolHeader)
        case malformed
    }

    /// The longest text of version 1, line end included.
    private static let textLimitBytes = 107
    /// Version 2 may carry additions of up to 64 kB; those that exist are short.
    private static let binaryLimitBytes = 4096
    private static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10]

    /// `nil` when the proxy speaks for itself or does not know.
    let client: (address: IPAddress, port: Int)?

    static func read(_ buffer: inout ByteBuffer) -> Outcome {
        let start = Array(buffer.readableBytesView.prefix(16))
        let binary = start.prefix(signature.count)
        if binary.elementsEqual(signature.prefix(binary.count)) {
            return start.count < 16 ? .needsMoreData : readBinary(&buffer, start)
        }
        let word = "PROXY ".utf8
        guard start.prefix(word.count).elementsEqual(word.prefix(start.count)) else { return .malformed }
        return readText(&buffer)
    }

    private static func readText(_ buffer: inout ByteBuffer) -> Outcome {
        let bytes = buffer.readableBytesView.prefix(textLimitBytes)
        guard let end = bytes.firstRange(of: [13, 10]) else {
            return bytes.count < textLimitBytes ? .needsMoreData : .malformed
        }
        let line = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
        let words = line.split(separator: " ", omittingEmptySubsequences: false)
        buffer.moveReaderIndex(to: end.upperBound)
        if words.count >= 2, words[1] == "UNKNOWN" { return .complete(ProxyProtocolHeader(client: nil)) }
        guard words.count == 6, words[1] == "TCP4" || words[1] == "TCP6", let address = IPAddress(words[2]),
            IPAddress(words[3]) != nil, let port = UInt16(words[4]), UInt16(words[5]) != nil
        else { return .malformed }
        return .complete(ProxyProtocolHeader(client: (address, Int(port))))
    }

    /// - Parameters:
    ///   - buffer: Everything that has arrived.
    ///   - start: Its first 16 bytes: signature, version and command, family, length of the rest.
    /// - Returns: What the header says.
    private static func readBinary(_ buffer: inout ByteBuffer, _ start: [UInt8]) -> Outcome {
        let length = Int(start[14]) << 8 | Int(start[15])
        guard start[12] >> 4 == 2, start[12] & 15 <= 1, length <= binaryLimitBytes else { return .malformed }
        guard buffer.readableBytes >= 16 + length else { return .needsMoreData }
        buffer.moveReaderIndex(forwardBy: 16)
        let rest = Array((buffer.readSlice(length: length) ?? ByteBuffer()).readableBytesView)
        // LOCAL: the proxy itself asks whether anybody is here.
        if start[12] & 15 == 0 { return .complete(ProxyProtocolHeader(client: nil)) }
        func port(_ position: Int) -> Int { Int(rest[position]) << 8 | Int(rest[position + 1]) }
        switch start[13] >> 4 {
        case 1:
            guard length >= 12 else { return .malformed }
            return .complete(ProxyProtocolHeader(client: (IPAddress(v4: rest[..<4]), port(8))))
        case 2:
            guard length >= 36 else { return .malformed }
            return .complete(ProxyProtocolHeader(client: (IPAddress(v6: rest[..<16]), port(32))))
        default: return .complete(ProxyProtocolHeader(client: nil))
        }
    }
}
