// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import NIOCore

@testable import HeroServers

/// What the parser made of a stream of bytes.
struct ParsedStream: Equatable {
    struct Request: Equatable {
        var method: String
        var target: String
        var minorVersion: Int
        var headers: [String]
        var body: [UInt8] = []
        var keepsAlive = true
    }

    var requests: [Request] = []
    /// Whether a request had begun that did not end.
    var isInsideRequest = false
    var fault: HTTPFault?

    static let limits = HTTPRequestParser.Limits(
        requestLineBytes: 16_384, headerCount: 100, headerBytes: 32_768, bodyBytes: 1_048_576, pipelinedBytes: 65_536)

    /// Feeds the parser as the channel handler does.
    ///
    /// - Parameters:
    ///   - pieces: The bytes as they arrive.
    ///   - limits: The parser's limits.
    init(_ pieces: [ArraySlice<UInt8>], limits: HTTPRequestParser.Limits = Self.limits) {
        var parser = HTTPRequestParser(limits: limits)
        var buffer = ByteBuffer()
        var current: Request?
        do {
            for piece in pieces {
                buffer.writeBytes(piece)
                reading: while true {
                    switch try parser.next(&buffer) {
                    case .needsMoreData: break reading
                    case .head(let head): current = Request(head)
                    case .body(let bytes): current?.body += bytes.readableBytesView
                    case .end:
                        if let current { requests.append(current) }
                        current = nil
                    }
                }
            }
            isInsideRequest = parser.isInsideRequest
        } catch {
            fault = error
        }
    }

    init(_ bytes: [UInt8], limits: HTTPRequestParser.Limits = Self.limits) { self.init([bytes[...]], limits: limits) }
    init(_ text: String, limits: HTTPRequestParser.Limits = Self.limits) { self.init(Array(text.utf8), limits: limits) }
}

extension ParsedStream.Request {
    init(_ head: HTTPRequestHead) {
        method = head.string(head.method)
        target = head.string(head.target)
        minorVersion = head.minorVersion
        headers = head.headers.map { "\($0.name): \($0.value)" }
        keepsAlive = head.framing.keepsAlive
    }
}
