// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroCore
internal import NIOCore

/// Writes status line and headers in the order and capitals that the reference has on the wire.
///
/// There, headers are collected in a list and sent in reverse, names in small letters, of each name the last one added:
/// first what the action added, then the configured ones, then content type and cookie; etag and lengths follow, then
/// what the HTTP library adds, in capitals.
struct ResponseHeadWriter: Sendable {
    struct Response {
        var status = 200
        /// `nil` for JSON.
        var contentType: String?
        var headers: [(name: String, value: String)] = []
        var directHeaders: [(name: String, value: String)] = []
        /// Headers behind the others, in small letters: etag, content-encoding.
        var lateHeaders: [(name: String, value: String)] = []
        var body: [UInt8] = []
        /// What `content-length` says; the body's length by default, `nil` in a value of its own for none.
        var contentLength: ContentLength = .body
        var keepsAlive = true

        mutating func dropBody() {
            body = []
            contentLength = .none
        }
    }

    enum ContentLength {
        case body
        /// The body's, where and as the reference's HTTP library writes it.
        case lastInCapitals
        case explicit(Int)
        case chunked
        case none
    }

    static let jsonContentType = "application/json; charset=utf-8"

    /// The configured headers, names in small letters, last first.
    private let configured: [(name: String, value: String)]
    /// The same with the JSON content type, ready to be sent.
    private let usualHeaders: [UInt8]
    /// Status line and headers of most responses in one piece.
    private let usualStart: [UInt8]
    let crossOrigin: CrossOrigin
    private let cookiePrefix: [UInt8]
    private let setsCookie: Bool
    private let keepAlive: [UInt8]

    /// Where a worker of a cluster counts its responses.
    private let slot: BoardSlot?

    init(_ configuration: WebConfiguration, serverName: String, slot: BoardSlot? = nil) {
        self.slot = slot
        let crossOrigin = CrossOrigin(configuration.cors)
        self.crossOrigin = crossOrigin
        configured = configuration.httpHeaders.reversed().compactMap { name, value in
            guard let text = value.stringValue, !text.isEmpty else { return nil }
            if crossOrigin.isSelective, name.lowercased() == "access-control-allow-origin" { return nil }
            return (name.lowercased(), text.replacing("{{serverName}}", with: serverName))
        }
        usualHeaders = (configured + [("content-type", Self.jsonContentType)]).flatMap {
            Array("\($0.name): \($0.value)\r\n".utf8)
        }
        usualStart = Array("HTTP/1.1 200 OK\r\n".utf8) + usualHeaders
        let options = configuration.fingerprintOptions
        setsCookie = options.toSetCookie
        cookiePrefix = Array("set-cookie: \(options.cookieKey)=".utf8)
        let seconds = configuration.timeouts.keepAlive / 1000
        keepAlive = Array("Connection: keep-alive\r\nKeep-Alive: timeout=\(seconds)\r\n".utf8)
    }

    /// - Returns: Head and body in one buffer.
    func write(_ response: Response, _ exchange: WebExchange, _ clock: LoopClock) -> ByteBuffer {
        var response = response
        if !HTTPStatus.allowsBody(response.status) { response.dropBody() }
        slot?.countResponse(status: response.status)
        var buffer = ByteBufferAllocator().buffer(capacity: 640 + response.body.count)
        let isUsual = response.headers.isEmpty && response.contentType == nil
        if isUsual, response.status == 200, response.directHeaders.isEmpty {
            buffer.writeBytes(usualStart)
        } else {
            writeStatusLine(response.status, to: &buffer)
            for (name, value) in response.directHeaders { Self.writeField(name, value, to: &buffer) }
            if isUsual { buffer.writeBytes(usualHeaders) }
        }
        if isUsual {
            writeCookie(exchange, clock, to: &buffer)
        } else {
            writeMerged(response, exchange, clock, to: &buffer)
        }
        crossOrigin.write(exchange, to: &buffer)
        for (name, value) in response.lateHeaders { Self.writeField(name, value, to: &buffer) }
        writeEnd(response, clock, to: &buffer)
        buffer.writeBytes(response.body)
        return buffer
    }

    /// The response to `pipe`: nothing but the headers given.
    func writeBare(_ response: Response, _ clock: LoopClock) -> ByteBuffer {
        var response = response
        if !HTTPStatus.allowsBody(response.status) { response.dropBody() }
        slot?.countResponse(status: response.status)
        var buffer = ByteBufferAllocator().buffer(capacity: 256 + response.body.count)
        writeStatusLine(response.status, to: &buffer)
        for (name, value) in response.directHeaders + response.headers { Self.writeField(name, value, to: &buffer) }
        writeEnd(response, clock, to: &buffer)
        buffer.writeBytes(response.body)
        return buffer
    }

    /// Sends the client elsewhere, with the headers and capitals of the reference.
    func writeRedirect(to location: String, _ exchange: WebExchange, _ clock: LoopClock, keepsAlive: Bool) -> ByteBuffer
    {
        let body = "You are being redirected to \(location)\r\n"
        slot?.countResponse(status: 302)
        var buffer = ByteBufferAllocator().buffer(capacity: 256 + 2 * location.utf8.count)
        writeStatusLine(302, to: &buffer)
        Self.writeField("Location", location, to: &buffer)
        buffer.writeBytes(clock.dateHeader)
        writeConnection(keepsAlive: keepsAlive, to: &buffer)
        buffer.writeString("Content-Length: \(body.utf8.count)\r\n\r\n")
        if !exchange.isHead { buffer.writeString(body) }
        return buffer
    }

    /// The answer to a question about the process, which says nothing about any response of the application.
    func writeHealth(
        _ answer: (status: Int, body: [UInt8]), _ exchange: WebExchange, _ clock: LoopClock, keepsAlive: Bool
    ) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: 256)
        writeStatusLine(answer.status, to: &buffer)
        buffer.writeStaticString("content-type: application/json\r\ncache-control: no-store\r\n")
        writeLength(answer.body.count, to: &buffer)
        buffer.writeBytes(clock.dateHeader)
        writeConnection(keepsAlive: keepsAlive, to: &buffer)
        buffer.writeStaticString("\r\n")
        if !exchange.isHead { buffer.writeBytes(answer.body) }
        return buffer
    }

    private func writeConnection(keepsAlive: Bool, to buffer: inout ByteBuffer) {
        if keepsAlive {
            buffer.writeBytes(keepAlive)
        } else {
            buffer.writeStaticString("Connection: close\r\n")
        }
    }

    /// A refusal, before there is an exchange to speak of.
    func writeFault(_ fault: HTTPFault, _ clock: LoopClock) -> ByteBuffer {
        var writer = JSONWriter(indent: nil)
        writer.write(JSON.object(["error": .string(fault.reason)]))
        let response = Response(
            status: fault.status, headers: [("content-type", Self.jsonContentType)] + fault.headers, body: writer.bytes,
            keepsAlive: false)
        return writeBare(response, clock)
    }

    private func writeStatusLine(_ status: Int, to buffer: inout ByteBuffer) {
        buffer.writeStaticString("HTTP/1.1 ")
        buffer.writeString(String(status))
        buffer.writeStaticString(" ")
        buffer.writeStaticString(HTTPStatus.reason(status))
        buffer.writeStaticString("\r\n")
    }

    private func writeMerged(
        _ response: Response, _ exchange: WebExchange, _ clock: LoopClock, to buffer: inout ByteBuffer
    ) {
        var written: Set<String> = []
        var list = response.headers.reversed().map { ($0.name.lowercased(), $0.value) } + configured
        if let type = response.contentType { list.insert(("content-type", type), at: 0) }
        list.append(("content-type", Self.jsonContentType))
        let cookies = list.filter { $0.0 == "set-cookie" }
        for (name, value) in list {
            if name == "set-cookie" {
                // All cookies stand where the first one does.
                guard written.insert(name).inserted else { continue }
                for (name, value) in cookies { Self.writeField(name, value, to: &buffer) }
                writeCookie(exchange, clock, to: &buffer)
            } else if written.insert(name).inserted {
                Self.writeField(name, value, to: &buffer)
            }
        }
        if cookies.isEmpty { writeCookie(exchange, clock, to: &buffer) }
    }

    private func writeCookie(_ exchange: WebExchange, _ clock: LoopClock, to buffer: inout ByteBuffer) {
        guard setsCookie, case .fresh(let fingerprint) = exchange.identity else { return }
        buffer.writeBytes(cookiePrefix)
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 40) { bytes in
            fingerprint.write(to: bytes.bindMemory(to: UInt8.self))
            return 40
        }
        buffer.writeBytes(clock.cookieAttributes)
    }

    private func writeEnd(_ response: Response, _ clock: LoopClock, to buffer: inout ByteBuffer) {
        switch response.contentLength {
        case .body: writeLength(response.body.count, to: &buffer)
        case .explicit(let length): writeLength(length, to: &buffer)
        case .lastInCapitals, .chunked, .none: break
        }
        buffer.writeBytes(clock.dateHeader)
        writeConnection(keepsAlive: response.keepsAlive, to: &buffer)
        switch response.contentLength {
        case .chunked: buffer.writeStaticString("Transfer-Encoding: chunked\r\n")
        case .lastInCapitals: buffer.writeString("Content-Length: \(response.body.count)\r\n")
        case .body, .explicit, .none: break
        }
        buffer.writeStaticString("\r\n")
    }

    private func writeLength(_ length: Int, to buffer: inout ByteBuffer) {
        buffer.writeStaticString("content-length: ")
        var digits: [UInt8] = []
        EnvelopeWriter.append(length, to: &digits)
        buffer.writeBytes(digits)
        buffer.writeStaticString("\r\n")
    }

    private static func writeField(_ name: String, _ value: String, to buffer: inout ByteBuffer) {
        buffer.writeString(name)
        buffer.writeStaticString(": ")
        buffer.writeString(value)
        buffer.writeStaticString("\r\n")
    }
}
