// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroSystem
internal import NIOCore

/// Writes status and headers in the order and capitals that the reference has on the wire.
///
/// There, headers are collected in a list and sent in reverse, names in small letters, of each name the last one added:
/// first what the action added, then the configured ones, then content type and cookie; etag and lengths follow, then
/// what the HTTP library adds, in capitals.
struct ResponseHeadWriter: Sendable {
    static let jsonContentType = "application/json; charset=utf-8"

    /// The configured headers, names in small letters, last first.
    private let configured: [(name: String, value: String)]
    /// The same with the JSON content type.
    private let usual: UsualHeaders
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
            if crossOrigin.replaces(name.lowercased()) { return nil }
            var value = text.replacing("{{serverName}}", with: serverName)
            if crossOrigin.isSelective, name.lowercased() == "vary" { VaryList.join("Origin", to: &value) }
            return (name.lowercased(), value)
        }
        usual = UsualHeaders(configured + [("content-type", Self.jsonContentType)])
        let options = configuration.fingerprintOptions
        setsCookie = options.toSetCookie
        cookiePrefix = Array("set-cookie: \(options.cookieKey)=".utf8)
        let milliseconds = configuration.timeouts.keepAlive
        // 0 would tell clients not to use the connection again; what has no end cannot be told.
        let hint = milliseconds > 0 ? "Keep-Alive: timeout=\(milliseconds / 1000)\r\n" : ""
        keepAlive = Array("Connection: keep-alive\r\n\(hint)".utf8)
    }

    /// What responses with these headers have in common.
    ///
    /// - Parameter headers: As an action would add them; names in small letters, no cookies.
    /// - Returns: These and the configured ones, as they stand on the wire.
    func usual(with headers: [(name: String, value: String)]) -> UsualHeaders {
        var written: Set<String> = []
        return UsualHeaders((headers.reversed() + configured).filter { written.insert($0.name).inserted })
    }

    /// Headers for the refusal of a request that was not read to its end.
    ///
    /// Without them a script learns only that something has failed, and not that its upload was too large.
    func permission(_ head: HTTPRequestHead) -> [(name: String, value: String)] {
        if crossOrigin.isSelective { return crossOrigin.permission(head) + [("vary", "Origin")] }
        return configured.filter { $0.name == CrossOrigin.allowedOrigin }
    }

    /// The response as HTTP/1.1 has it, up to the end of its head, with the body if that is at hand.
    ///
    /// - Parameters:
    ///   - response: What to write.
    ///   - exchange: The request; `nil` for one that could not be read.
    ///   - clock: The time.
    ///   - keepsAlive: Whether another request may follow on the connection.
    ///   - isChunked: Whether a body of unknown length is sent in chunks.
    ///   - buffer: An empty one to write to.
    /// - Returns: Head and body in one buffer.
    func writeHTTP1(
        _ response: WebResponse, _ exchange: WebExchange?, _ clock: LoopClock, keepsAlive: Bool, isChunked: Bool = true,
        in buffer: consuming ByteBuffer
    ) -> ByteBuffer {
        var sink = HTTP1ResponseSink(buffer, keepAlive: keepsAlive ? keepAlive : nil, isChunked: isChunked)
        write(response, exchange, clock, to: &sink)
        if response.hasBody, case .bytes(let bytes) = response.body { sink.buffer.writeBytes(bytes) }
        return sink.buffer
    }

    /// Writes the head only.
    func write<Sink: ResponseHeadSink>(
        _ response: WebResponse, _ exchange: WebExchange?, _ clock: LoopClock, to sink: inout Sink
    ) {
        if response.isCounted { slot?.countResponse(status: response.status) }
        switch response.layout {
        case .full where crossOrigin.isSelective:
            var response = response
            let hasVary = response.joinVary("Origin") || configured.contains { $0.name == "vary" }
            writeFull(response, exchange, clock, hasVary: hasVary, to: &sink)
        case .full: writeFull(response, exchange, clock, hasVary: false, to: &sink)
        case .bare:
            sink.writeStatus(response.status)
            for (name, value) in response.directHeaders { sink.writeField(name, value) }
            for (name, value) in response.headers { sink.writeField(name, value) }
        }
        writeEnd(response, clock, to: &sink)
    }

    private func writeFull<Sink: ResponseHeadSink>(
        _ response: WebResponse, _ exchange: WebExchange?, _ clock: LoopClock, hasVary: Bool, to sink: inout Sink
    ) {
        let isUsual = response.headers.isEmpty && response.contentType == nil && response.hasDefaultType
        let usual = response.usual ?? usual
        if isUsual, response.status == 200, response.directHeaders.isEmpty {
            sink.writeUsualStart(usual)
        } else {
            sink.writeStatus(response.status)
            for (name, value) in response.directHeaders { sink.writeField(name, value) }
            if isUsual { sink.writeUsual(usual) }
        }
        if isUsual {
            writeCookie(exchange, clock, to: &sink)
        } else {
            writeMerged(response, exchange, clock, to: &sink)
        }
        if let exchange { crossOrigin.write(exchange, hasVary: hasVary, response, to: &sink) }
        for (name, value) in response.lateHeaders { sink.writeField(name, value) }
    }

    private func writeMerged<Sink: ResponseHeadSink>(
        _ response: WebResponse, _ exchange: WebExchange?, _ clock: LoopClock, to sink: inout Sink
    ) {
        var written: Set<String> = []
        var list = response.headers.reversed().map { ($0.name.lowercased(), $0.value) } + configured
        if let type = response.contentType { list.insert(("content-type", type), at: 0) }
        if response.hasDefaultType { list.append(("content-type", Self.jsonContentType)) }
        let cookies = list.filter { $0.0 == "set-cookie" }
        for (name, value) in list {
            if name == "set-cookie" {
                // All cookies stand where the first one does.
                guard written.insert(name).inserted else { continue }
                for (name, value) in cookies { sink.writeField(name, value) }
                writeCookie(exchange, clock, to: &sink)
            } else if written.insert(name).inserted {
                sink.writeField(name, value)
            }
        }
        if cookies.isEmpty { writeCookie(exchange, clock, to: &sink) }
    }

    private func writeCookie<Sink: ResponseHeadSink>(
        _ exchange: WebExchange?, _ clock: LoopClock, to sink: inout Sink
    ) {
        guard setsCookie, let exchange, case .fresh(let fingerprint) = exchange.identity else { return }
        sink.writeCookie(
            SessionCookie(prefix: cookiePrefix, fingerprint: fingerprint, isSecure: exchange.scheme == "https"), clock)
    }

    private func writeEnd<Sink: ResponseHeadSink>(
        _ response: WebResponse, _ clock: LoopClock, to sink: inout Sink
    ) {
        // A client would take a length for the announcement of a body, except that 205 has to say that there is none.
        let length: WebResponse.ContentLength =
            HTTPStatus.allowsBody(response.status)
            ? response.contentLength : response.status == 205 ? .explicit(0) : .none
        switch length {
        case .body: sink.writeLength(response.bodyCount, inCapitals: false)
        case .explicit(let length): sink.writeLength(length, inCapitals: false)
        case .lastInCapitals, .unknown, .none: break
        }
        sink.writeDateAndConnection(clock)
        switch length {
        case .unknown: sink.writeUnknownLength()
        case .lastInCapitals: sink.writeLength(response.bodyCount, inCapitals: true)
        case .body, .explicit, .none: break
        }
        sink.endHead()
    }
}
