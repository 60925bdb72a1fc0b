// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NIOCore

/// Reads request line and headers, line by line as they arrive, looking at each byte once.
struct HTTPHeadScanner {
    private let limits: HTTPRequestParser.Limits
    /// Bytes from the buffer's reader index that hold complete, parsed lines.
    private var parsedBytes = 0
    /// Bytes behind those in which no line feed was found yet.
    private var searchedBytes = 0
    private var requestLine: RequestLine?
    /// Where the headers begin.
    private var headersStart = 0
    private var fields: [HTTPRequestHead.Field] = []
    private var builder = HTTPFramingBuilder()

    private struct RequestLine {
        let method: Range<Int>
        let target: Range<Int>
        let minorVersion: Int
    }

    init(limits: HTTPRequestParser.Limits) {
        self.limits = limits
    }

    var hasBegun: Bool { parsedBytes > 0 || searchedBytes > 0 }

    /// - Returns: The head once its empty line has arrived; its bytes have been taken from the buffer then.
    mutating func scan(_ buffer: inout ByteBuffer) throws(HTTPFault) -> HTTPRequestHead? {
        var fault: HTTPFault?
        let isComplete = buffer.withUnsafeReadableBytes { bytes -> Bool in
            do throws(HTTPFault) {
                return try scanLines(bytes)
            } catch {
                fault = error
                return false
            }
        }
        if let fault { throw fault }
        guard isComplete, let requestLine, let bytes = buffer.readSlice(length: parsedBytes) else { return nil }
        let framing = try builder.framing(minorVersion: requestLine.minorVersion)
        return HTTPRequestHead(
            bytes: bytes, method: requestLine.method, target: requestLine.target,
            minorVersion: requestLine.minorVersion, fields: fields, framing: framing)
    }

    private mutating func scanLines(_ bytes: UnsafeRawBufferPointer) throws(HTTPFault) -> Bool {
        while true {
            try checkBeginning(bytes)
            guard let end = findLineFeed(bytes) else { break }
            // A bare line feed is the oldest way to make two parsers see two different requests.
            guard end > parsedBytes, bytes[end - 1] == UInt8(ascii: "\r") else {
                throw .badRequest("a line does not end with CR LF")
            }
            let line = parsedBytes..<(end - 1)
            parsedBytes = end + 1
            searchedBytes = 0
            if line.isEmpty {
                // An empty line before the request line is allowed (RFC 9112, 2.2), but they are kept until it comes.
                if requestLine != nil { return true }
                guard parsedBytes <= limits.requestLineBytes else {
                    throw .badRequest("empty lines instead of a request")
                }
            } else if requestLine == nil {
                try parseRequestLine(bytes, line)
            } else {
                try parseField(bytes, line)
            }
        }
        searchedBytes = bytes.count - parsedBytes
        try checkUnfinishedLine()
        return false
    }

    private func findLineFeed(_ bytes: UnsafeRawBufferPointer) -> Int? {
        let start = parsedBytes + searchedBytes
        guard let base = bytes.baseAddress, start < bytes.count,
            let found = memchr(base + start, Int32(UInt8(ascii: "\n")), bytes.count - start)
        else { return nil }
        return base.distance(to: UnsafeRawPointer(found))
    }

    /// Refuses a client that speaks another protocol, such as TLS: it waits for an answer and may never send a line.
    private func checkBeginning(_ bytes: UnsafeRawBufferPointer) throws(HTTPFault) {
        guard requestLine == nil, parsedBytes < bytes.count, !HTTPCharacter.isToken(bytes[parsedBytes]) else { return }
        let isLineEnd = bytes[parsedBytes] == UInt8(ascii: "\r") || bytes[parsedBytes] == UInt8(ascii: "\n")
        if !isLineEnd { throw .badRequest("the method is malformed") }
    }

    private func checkUnfinishedLine() throws(HTTPFault) {
        if requestLine == nil {
            if searchedBytes > limits.requestLineBytes { throw .requestLineTooLong }
        } else if parsedBytes - headersStart + searchedBytes > limits.headerBytes {
            throw .headersTooLarge
        }
    }

    private mutating func parseRequestLine(
        _ bytes: UnsafeRawBufferPointer, _ line: Range<Int>
    ) throws(HTTPFault) {
        guard line.count <= limits.requestLineBytes else { throw .requestLineTooLong }
        var position = line.lowerBound
        while position < line.upperBound, HTTPCharacter.isToken(bytes[position]) { position += 1 }
        let method = line.lowerBound..<position
        guard !method.isEmpty, position < line.upperBound, bytes[position] == UInt8(ascii: " ") else {
            throw .badRequest("the method is malformed")
        }
        position += 1
        let targetStart = position
        while position < line.upperBound, HTTPCharacter.isTarget(bytes[position]) { position += 1 }
        let target = targetStart..<position
        guard position < line.upperBound, bytes[position] == UInt8(ascii: " "),
            RequestTarget.isAcceptable(
                UnsafeRawBufferPointer(rebasing: bytes[target]),
                method: UnsafeRawBufferPointer(rebasing: bytes[method]))
        else { throw .badRequest("the request target is malformed") }
        let version = UnsafeRawBufferPointer(rebasing: bytes[(position + 1)..<line.upperBound])
        guard version.count == 8, version.starts(with: "HTTP/".utf8), version[6] == UInt8(ascii: ".") else {
            throw .badRequest("the HTTP version is malformed")
        }
        guard version[5] == UInt8(ascii: "1"), version[7] == UInt8(ascii: "0") || version[7] == UInt8(ascii: "1") else {
            throw HTTPFault(status: 505, reason: "only HTTP/1.0 and HTTP/1.1 are spoken here")
        }
        requestLine = RequestLine(method: method, target: target, minorVersion: Int(version[7]) - 48)
        headersStart = parsedBytes
        fields.reserveCapacity(12)
    }

    private mutating func parseField(_ bytes: UnsafeRawBufferPointer, _ line: Range<Int>) throws(HTTPFault) {
        guard fields.count < limits.headerCount else { throw .tooManyHeaders }
        guard parsedBytes - headersStart <= limits.headerBytes else { throw .headersTooLarge }
        var position = line.lowerBound
        while position < line.upperBound, HTTPCharacter.isToken(bytes[position]) { position += 1 }
        let name = line.lowerBound..<position
        // Folded lines begin with white space and so have an empty name.
        guard !name.isEmpty, position < line.upperBound, bytes[position] == UInt8(ascii: ":") else {
            throw .badRequest("a header is malformed")
        }
        var start = position + 1
        var end = line.upperBound
        while start < end, HTTPCharacter.isBlank(bytes[start]) { start += 1 }
        while start < end, HTTPCharacter.isBlank(bytes[end - 1]) { end -= 1 }
        for index in start..<end where !HTTPCharacter.isFieldValue(bytes[index]) {
            throw .badRequest("a header contains a control character")
        }
        let field = HTTPRequestHead.Field(name: name, value: start..<end)
        try builder.add(field, bytes)
        fields.append(field)
    }
}
