// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHPACK

/// Makes of the fields of a stream what the parser of HTTP/1.1 makes of a request line and headers, so that everything
/// behind it knows one kind of request.
///
/// Which fields may stand where, and in which letters, has been checked by `NIOHTTP2Handler`; this checks that they have
/// names, and what they say.
struct HTTP2RequestHead {
    /// The fields are not a request (RFC 9113, 8.1.1): the stream is reset.
    struct Malformed: Error {}

    private var buffer: ByteBuffer
    private var fields: [HTTPRequestHead.Field] = []
    private var framing = HTTPFramingBuilder()
    private var fault: HTTPFault?

    private init(capacity: Int) {
        buffer = ByteBufferAllocator().buffer(capacity: capacity)
    }

    /// - Parameters:
    ///   - headers: The fields.
    ///   - hasBody: Whether more than the fields is to come.
    ///   - limits: Those of `web.limits`.
    /// - Returns: The request, or why it is refused.
    /// - Throws: ``Malformed``.
    static func read(
        _ headers: HPACKHeaders, hasBody: Bool, _ limits: HTTPRequestParser.Limits
    ) throws(Malformed) -> Result<HTTPRequestHead, HTTPFault> {
        var head = HTTP2RequestHead(capacity: 512)
        do {
            return .success(try head.read(headers, hasBody: hasBody, limits))
        } catch let fault as HTTPFault {
            return .failure(fault)
        } catch {
            throw Malformed()
        }
    }

    private mutating func read(
        _ headers: HPACKHeaders, hasBody: Bool, _ limits: HTTPRequestParser.Limits
    ) throws -> HTTPRequestHead {
        let pseudo = try Pseudo(headers)
        let (method, target) = try writeRequestLine(pseudo, limits)
        let start = buffer.writerIndex
        if let authority = pseudo.authority { try write("host", authority) }
        try writeFields(headers, pseudo, limits, start: start)
        if let name = pseudo.protocolName { try write("upgrade", name) }
        var framing = try framing.framing(minorVersion: 1)
        framing.upgrade = pseudo.protocolName == nil ? .none : .demanded
        if !hasBody || framing.upgrade == .demanded {
            framing.body = .none
        } else if framing.body == .none {
            // Its end is the end of the stream.
            framing.body = .chunked
        }
        if case .length(let length) = framing.body, length > limits.bodyBytes { throw HTTPFault.bodyTooLarge }
        return HTTPRequestHead(
            bytes: buffer, method: method, target: target, minorVersion: 1, fields: fields, framing: framing)
    }

    /// The fields that stand for the request line.
    private struct Pseudo {
        var method = ""
        var scheme = ""
        var path: String?
        var authority: String?
        /// The protocol of an extended CONNECT (RFC 8441), which clients send only after they were told that they may.
        var protocolName: String?

        init(_ headers: HPACKHeaders) throws {
            for (name, value, _) in headers {
                guard name.utf8.first == UInt8(ascii: ":") else { break }
                switch name {
                case ":method": method = value
                case ":scheme": scheme = value.lowercased()
                case ":path": path = value
                case ":protocol": protocolName = value
                case ":authority" where !value.isEmpty: authority = value
                default: break
                }
            }
        }
    }

    private mutating func writeRequestLine(
        _ pseudo: Pseudo, _ limits: HTTPRequestParser.Limits
    ) throws -> (method: Range<Int>, target: Range<Int>) {
        // CONNECT has no path; nobody is connected through here.
        guard let path = pseudo.path else { throw HTTPFault.badRequest("the request target is malformed") }
        guard pseudo.method.utf8.count + path.utf8.count + 10 <= limits.requestLineBytes else {
            throw HTTPFault.requestLineTooLong
        }
        let method = 0..<buffer.writeString(pseudo.method)
        buffer.writeStaticString(" ")
        let start = buffer.writerIndex
        let target = start..<(start + buffer.writeString(path))
        let isFine = buffer.withUnsafeReadableBytes { bytes in
            let method = UnsafeRawBufferPointer(rebasing: bytes[method])
            let target = UnsafeRawBufferPointer(rebasing: bytes[target])
            guard let first = target.first, first == UInt8(ascii: "/") || first == UInt8(ascii: "*"), !method.isEmpty
            else { return false }
            return method.allSatisfy(HTTPCharacter.isToken) && target.allSatisfy(HTTPCharacter.isTarget)
                && RequestTarget.isAcceptable(target, method: method)
        }
        guard isFine else { throw Malformed() }
        return (method, target)
    }

    private mutating func writeFields(
        _ headers: HPACKHeaders, _ pseudo: Pseudo, _ limits: HTTPRequestParser.Limits, start: Int
    ) throws {
        var cookies: [String] = []
        for (name, value, _) in headers where name.utf8.first != UInt8(ascii: ":") {
            switch name {
            case "cookie": cookies.append(value)
            case "host":
                guard let authority = pseudo.authority else {
                    try write("host", value)
                    continue
                }
                // Two names for one host would let a proxy and an application disagree.
                let names = [authority, value].map { HostName.withoutUsualPort($0.lowercased(), of: pseudo.scheme) }
                guard names[0].utf8.elementsEqual(names[1].utf8) else { throw Malformed() }
            default: try write(name, value)
            }
            guard fields.count + (cookies.isEmpty ? 0 : 1) <= limits.headerCount else { throw HTTPFault.tooManyHeaders }
            guard buffer.writerIndex - start <= limits.headerBytes else { throw HTTPFault.headersTooLarge }
        }
        // Clients send them one by one, which compresses better (RFC 9113, 8.2.3).
        if !cookies.isEmpty { try write("cookie", cookies.joined(separator: "; ")) }
        guard buffer.writerIndex - start <= limits.headerBytes else { throw HTTPFault.headersTooLarge }
    }

    private mutating func write(_ name: String, _ value: String) throws {
        guard !name.isEmpty else { throw Malformed() }
        let start = buffer.writerIndex
        let nameRange = start..<(start + buffer.writeString(name))
        buffer.writeStaticString(": ")
        let valueStart = buffer.writerIndex
        let valueRange = valueStart..<(valueStart + buffer.writeString(value))
        // Where the parser of HTTP/1.1 counts a line's end, one is counted here.
        buffer.writeStaticString("\r\n")
        let field = HTTPRequestHead.Field(name: nameRange, value: valueRange)
        let framing = framing
        self.framing = try buffer.withUnsafeReadableBytes { bytes in
            let text = bytes[valueRange]
            guard text.allSatisfy(HTTPCharacter.isFieldValue), !(text.first.map(HTTPCharacter.isBlank) ?? false),
                !(text.last.map(HTTPCharacter.isBlank) ?? false)
            else { throw Malformed() }
            var framing = framing
            try framing.add(field, bytes)
            return framing
        }
        fields.append(field)
    }
}
