// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import HeroServers

/// Two parsers that disagree about where a request ends are how requests are smuggled past a proxy.
@Suite("request framing, compared with llhttp")
struct FramingComparisonTests {
    @Test("every request that we accept is the one that llhttp sees", arguments: 0..<4)
    func comparison(part: UInt64) {
        var accepted = 0
        for seed in (part * 3000)..<((part + 1) * 3000) {
            var generator = RequestStreamGenerator(seed: seed)
            let bytes = generator.stream()
            let pieces = generator.cut(bytes)
            let ours = ParsedStream(pieces)
            #expect(ours == ParsedStream(bytes), "the cuts matter: seed \(seed)")
            accepted += compare(ours, Reference(pieces), Comment(rawValue: "seed \(seed): \(Self.shown(bytes))"))
        }
        // A comparison of refusals only would prove nothing.
        #expect(accepted > 400)
    }

    /// - Returns: How many requests both saw.
    private func compare(_ ours: ParsedStream, _ reference: Reference, _ comment: Comment) -> Int {
        var common = 0
        for (position, request) in ours.requests.enumerated() {
            guard position < reference.requests.count else {
                // We may read what llhttp refuses only where that is no matter of framing.
                #expect(reference.isRefused, "we see a request more: \(comment)")
                #expect(Self.isMoreLenient(request), "we accept what llhttp refuses: \(comment)")
                break
            }
            var (mine, theirs) = (request, reference.requests[position])
            // llhttp has its own idea of which bodies let a connection live on; what matters is where requests end.
            mine.keepsAlive = true
            theirs.keepsAlive = true
            #expect(mine == theirs, comment)
            common += 1
            // What follows the last request of a connection is not looked at.
            if !request.keepsAlive { return common }
        }
        if ours.fault == nil, reference.requests.count > ours.requests.count {
            Issue.record("llhttp sees a request more: \(comment)")
        }
        // Where we stop earlier with a fault, we are stricter, which is meant: missing or repeated Host, bare line feeds,
        // codings beside `chunked`, unknown expectations, targets that are no path or URL.
        return common
    }

    /// Methods are for the routes to know, so any token is one; and clients do send paths in UTF-8.
    private static func isMoreLenient(_ request: ParsedStream.Request) -> Bool {
        HTTPMethod(rawValue: request.method).isUnknown || !request.target.utf8.allSatisfy { $0 < 0x80 }
    }

    private static func shown(_ bytes: [UInt8]) -> String {
        String(decoding: bytes, as: UTF8.self).debugDescription
    }
}

extension HTTPMethod {
    fileprivate var isUnknown: Bool {
        if case .RAW = self { return true }
        return false
    }
}

/// What SwiftNIO's decoder, which is llhttp, makes of a stream.
private struct Reference {
    var requests: [ParsedStream.Request] = []
    var isRefused = false

    init(_ pieces: [ArraySlice<UInt8>]) {
        let channel = EmbeddedChannel()
        defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
        do {
            try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
            for piece in pieces { try channel.writeInbound(ByteBuffer(bytes: piece)) }
        } catch {
            isRefused = true
        }
        collect(channel)
    }

    private mutating func collect(_ channel: EmbeddedChannel) {
        var current: ParsedStream.Request?
        while let part = try? channel.readInbound(as: HTTPServerRequestPart.self) {
            switch part {
            case .head(let head): current = ParsedStream.Request(head)
            case .body(let bytes): current?.body += bytes.readableBytesView
            case .end:
                if let current { requests.append(current) }
                current = nil
            }
        }
    }
}

extension ParsedStream.Request {
    fileprivate init(_ head: HTTPNIORequestHead) {
        self.init(
            method: head.method.rawValue, target: head.uri, minorVersion: head.version.minor,
            headers: head.headers.map { "\($0.name): \($0.value.trimmed)" })
    }
}

/// Our own type of that name is in scope, too.
private typealias HTTPNIORequestHead = NIOHTTP1.HTTPRequestHead

extension String {
    /// Without the blanks that may follow a header's value.
    fileprivate var trimmed: String {
        var text = self[...]
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return String(text)
    }
}
