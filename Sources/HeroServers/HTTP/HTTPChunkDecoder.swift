// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// Reads the chunked transfer coding (RFC 9112, 7.1).
struct HTTPChunkDecoder {
    enum Event {
        case needsMoreData
        case data(ByteBuffer)
        case end
    }

    private enum State {
        case size
        case data(remaining: Int)
        case dataEnd
        case trailers(count: Int, bytes: Int)
    }

    private let limits: HTTPRequestParser.Limits
    private var state = State.size
    private var total = 0
    private var extensionBytes = 0

    /// A chunk size has at most 16 digits; more cannot be a size that anybody accepts.
    ///
    /// The rest is for an extension.
    private static let maximumSizeLine = 18 + 256
    /// What extensions of all chunks of a body may have together: otherwise a byte of the body could cost any number.
    private static let maximumExtensions = 16_384

    init(limits: HTTPRequestParser.Limits) {
        self.limits = limits
    }

    mutating func next(_ buffer: inout ByteBuffer) throws(HTTPFault) -> Event {
        while true {
            switch state {
            case .size:
                guard let line = try readLine(&buffer, limit: Self.maximumSizeLine) else { return .needsMoreData }
                let size = try parseSize(line)
                // Compared before adding: the sum could overflow into a number below the limit.
                guard size <= limits.bodyBytes - total else { throw .bodyTooLarge }
                total += size
                state = size == 0 ? .trailers(count: 0, bytes: 0) : .data(remaining: size)
            case .data(let remaining):
                guard let slice = buffer.readSlice(length: min(remaining, buffer.readableBytes)),
                    slice.readableBytes > 0
                else { return .needsMoreData }
                let left = remaining - slice.readableBytes
                state = left == 0 ? .dataEnd : .data(remaining: left)
                return .data(slice)
            case .dataEnd:
                guard let line = try readLine(&buffer, limit: 2) else { return .needsMoreData }
                guard line.readableBytes == 0 else { throw .badRequest("a chunk is longer than its size says") }
                state = .size
            case .trailers(let count, let bytes):
                guard let line = try readLine(&buffer, limit: limits.headerBytes) else { return .needsMoreData }
                // Trailers are read and dropped: nothing in them may change what was said before the body.
                if line.readableBytes == 0 { return .end }
                guard count < limits.headerCount else { throw .tooManyHeaders }
                guard bytes + line.readableBytes <= limits.headerBytes else { throw .headersTooLarge }
                try checkTrailer(line)
                state = .trailers(count: count + 1, bytes: bytes + line.readableBytes)
            }
        }
    }

    /// A line without its CR LF; `nil` when it has not arrived yet.
    private func readLine(_ buffer: inout ByteBuffer, limit: Int) throws(HTTPFault) -> ByteBuffer? {
        let view = buffer.readableBytesView
        guard let end = view.prefix(limit).firstIndex(of: UInt8(ascii: "\n")) else {
            if view.count >= limit { throw .badRequest("a line of the chunked body is too long") }
            return nil
        }
        let length = end - view.startIndex
        guard length > 0, view[end - 1] == UInt8(ascii: "\r") else {
            throw .badRequest("a line of the chunked body does not end with CR LF")
        }
        let line = buffer.readSlice(length: length - 1)
        buffer.moveReaderIndex(forwardBy: 2)
        return line
    }

    /// Extensions are skipped (RFC 9112, 7.1.1).
    private mutating func parseSize(_ line: ByteBuffer) throws(HTTPFault) -> Int {
        let view = line.readableBytesView
        let digits = view.prefix { ASCII.hexadecimalValue($0) != nil }
        guard !digits.isEmpty, digits.count <= 16 else { throw .badRequest("a chunk has no valid size") }
        let rest = view[digits.endIndex...]
        if !rest.isEmpty {
            guard HTTPChunkExtensions.areValid(rest) else { throw .badRequest("a chunk has no valid size") }
            extensionBytes += rest.count
            guard extensionBytes <= Self.maximumExtensions else {
                throw .badRequest("the extensions of the chunks are too long")
            }
        }
        var size = 0
        for byte in digits {
            guard let digit = ASCII.hexadecimalValue(byte), size <= Int.max >> 4 else {
                throw .badRequest("a chunk has no valid size")
            }
            size = size << 4 | digit
        }
        return size
    }

    private func checkTrailer(_ line: ByteBuffer) throws(HTTPFault) {
        let view = line.readableBytesView
        guard let colon = view.firstIndex(of: UInt8(ascii: ":")), colon > view.startIndex,
            view[..<colon].allSatisfy(HTTPCharacter.isToken),
            view[colon...].allSatisfy(HTTPCharacter.isFieldValue)
        else { throw .badRequest("a trailer is malformed") }
    }
}
