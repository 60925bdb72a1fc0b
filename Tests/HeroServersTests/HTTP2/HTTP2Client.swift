// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOEmbedded
import NIOHPACK

/// A client of HTTP/2 that sends what it is told to, right or wrong, to a server in memory.
final class HTTP2Client {
    struct Frame {
        let type: UInt8
        let flags: UInt8
        let stream: Int
        let payload: [UInt8]

        var endsStream: Bool { flags & 1 == 1 && type <= 1 }

        /// The error of RST_STREAM or GOAWAY.
        var code: Int { payload.suffix(type == 7 ? payload.count - 4 : 4).prefix(4).reduce(0) { $0 << 8 | Int($1) } }
    }

    struct Response {
        var headers = HPACKHeaders()
        var body: [UInt8] = []
        var hasEnded = false
        /// The code of the reset.
        var reset: Int?

        var status: String { headers.first(name: ":status") ?? "" }
        var text: String { String(decoding: body, as: UTF8.self) }
        subscript(_ name: String) -> String? { headers.first(name: name) }
    }

    enum Code {
        static let none = 0
        static let protocolError = 1
        static let internalError = 2
        static let refusedStream = 7
        static let cancel = 8
        static let enhanceYourCalm = 11
    }

    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    let server: ServedChannel
    private var encoder = HPACKEncoder(allocator: ByteBufferAllocator())
    private var decoder = HPACKDecoder(allocator: ByteBufferAllocator())
    private var input: [UInt8] = []
    private var nextStream = 1
    private(set) var responses: [Int: Response] = [:]
    private(set) var settings: [Int: Int] = [:]
    private(set) var goAways: [Frame] = []
    private(set) var pings: [Frame] = []
    /// The same for each stream, beyond what the settings allow.
    private(set) var streamWindows: [Int: Int] = [:]
    /// Bytes that the server allows to be sent beyond the first 65535 of the connection.
    private(set) var windowBytes = 0

    /// - Parameters:
    ///   - setup: The server's.
    ///   - settings: What the client says of itself.
    /// - Throws: An error when the server does not let the client begin.
    init(_ setup: WebProcess.Setup, settings: [(id: UInt8, value: Int)] = []) async throws {
        server = try await ServedChannel(setup)
        try await send(Self.preface)
        var payload: [UInt8] = []
        for setting in settings { payload += [0, setting.id] + Self.bytes(setting.value) }
        try await send(4, stream: 0, payload)
    }

    /// A connection whose first bytes are the test's.
    init(bare setup: WebProcess.Setup) async throws { server = try await ServedChannel(setup) }

    static func bytes(_ number: Int) -> [UInt8] {
        (0..<4).reversed().map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }

    // MARK: Sending

    func send(_ bytes: [UInt8]) async throws {
        try await server.channel.writeInbound(ByteBuffer(bytes: bytes))
    }

    static func frame(_ type: UInt8, flags: UInt8 = 0, stream: Int, _ payload: [UInt8] = []) -> [UInt8] {
        Array(bytes(payload.count).dropFirst()) + [type, flags] + bytes(stream) + payload
    }

    func send(_ type: UInt8, flags: UInt8 = 0, stream: Int, _ payload: [UInt8] = []) async throws {
        try await send(Self.frame(type, flags: flags, stream: stream, payload))
    }

    func block(_ headers: HPACKHeaders) throws -> [UInt8] {
        var buffer = ByteBuffer()
        try encoder.encode(headers: headers, to: &buffer)
        return Array(buffer.readableBytesView)
    }

    static func get(_ path: String, method: String = "GET") -> HPACKHeaders {
        [":method": method, ":scheme": "http", ":path": path, ":authority": "a.test"]
    }

    /// - Returns: The number of the stream.
    @discardableResult
    func begin(_ headers: HPACKHeaders, ends: Bool = true) async throws -> Int {
        let stream = nextStream
        nextStream += 2
        try await send(1, flags: ends ? 5 : 4, stream: stream, block(headers))
        return stream
    }

    func data(_ text: String, _ stream: Int, ends: Bool = true) async throws {
        try await send(0, flags: ends ? 1 : 0, stream: stream, Array(text.utf8))
    }

    func reset(_ stream: Int) async throws { try await send(3, stream: stream, Self.bytes(Code.cancel)) }

    func openWindow(_ stream: Int, by count: Int) async throws { try await send(8, stream: stream, Self.bytes(count)) }

    // MARK: Receiving

    /// Takes what has been written; nothing is waited for.
    func receive() async throws {
        while let bytes = try await server.channel.readOutbound(as: ByteBuffer.self) {
            input += Array(bytes.readableBytesView)
        }
        try parse()
    }

    /// Reads until something is true of what has been received.
    func receive(until isEnough: (HTTP2Client) -> Bool) async throws {
        try await receive()
        while !isEnough(self) {
            input += Array(try await server.channel.waitForOutboundWrite(as: ByteBuffer.self).readableBytesView)
            try parse()
        }
    }

    func response(_ stream: Int) async throws -> Response {
        try await receive { ($0.responses[stream]?.hasEnded ?? false) || $0.responses[stream]?.reset != nil }
        return responses[stream] ?? Response()
    }

    func ask(_ headers: HPACKHeaders, body: String? = nil) async throws -> Response {
        let stream = try await begin(headers, ends: body == nil)
        if let body { try await data(body, stream) }
        return try await response(stream)
    }

    private func parse() throws {
        while input.count >= 9 {
            let length = input[..<3].reduce(0) { $0 << 8 | Int($1) }
            guard input.count >= 9 + length else { return }
            let frame = Frame(
                type: input[3], flags: input[4], stream: input[5..<9].reduce(0) { $0 << 8 | Int($1) } & 0x7FFF_FFFF,
                payload: Array(input[9..<(9 + length)]))
            input.removeFirst(9 + length)
            try take(frame)
        }
    }

    private func take(_ frame: Frame) throws {
        switch frame.type {
        case 0:
            responses[frame.stream, default: Response()].body += frame.payload
            if frame.endsStream { responses[frame.stream]?.hasEnded = true }
        case 1:
            var block = ByteBuffer(bytes: frame.payload)
            let headers = try decoder.decodeHeaders(from: &block)
            responses[frame.stream, default: Response()].headers.add(contentsOf: headers)
            if frame.endsStream { responses[frame.stream]?.hasEnded = true }
        case 3: responses[frame.stream, default: Response()].reset = frame.code
        case 4 where frame.flags & 1 == 0:
            for start in stride(from: 0, to: frame.payload.count, by: 6) {
                settings[Int(frame.payload[start + 1])] = frame.payload[(start + 2)..<(start + 6)].reduce(0) {
                    $0 << 8 | Int($1)
                }
            }
        case 6: pings.append(frame)
        case 7: goAways.append(frame)
        case 8 where frame.stream == 0: windowBytes += frame.payload.reduce(0) { $0 << 8 | Int($1) }
        case 8: streamWindows[frame.stream, default: 0] += frame.payload.reduce(0) { $0 << 8 | Int($1) }
        default: break
        }
    }
}
