// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroRuntime
import HeroSystem
import HeroTestSupport
import NIOCore
import Testing

@testable import HeroServers

@Suite("the PROXY protocol")
struct ProxyProtocolTests {
    private static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10]
    private static let v4: [UInt8] = signature + [0x21, 0x11, 0, 12, 1, 2, 3, 4, 9, 9, 9, 9, 0x12, 0x34, 0, 80]
    private static let v6: [UInt8] =
        signature + [0x21, 0x21, 0, 36] + [0x20, 1, 0x0d, 0xb8] + Array(repeating: 0, count: 11) + [5]
        + Array(repeating: 0, count: 16) + [0, 99, 0, 80]

    private func read(_ bytes: [UInt8]) -> (outcome: String, rest: Int) {
        var buffer = ByteBuffer(bytes: bytes)
        let outcome =
            switch ProxyProtocolHeader.read(&buffer) {
            case .needsMoreData: "more"
            case .malformed: "malformed"
            case .complete(let header): header.client.map { "\($0.address.text) \($0.port)" } ?? "nobody"
            }
        return (outcome, buffer.readableBytes)
    }

    static let headers: [([UInt8], String)] = [
        (Array("PROXY TCP4 1.2.3.4 5.6.7.8 1000 80\r\n".utf8), "1.2.3.4 1000"),
        (Array("PROXY TCP6 2001:db8::5 ::1 1000 80\r\n".utf8), "2001:db8::5 1000"),
        (Array("PROXY UNKNOWN\r\n".utf8), "nobody"), (Array("PROXY UNKNOWN ff ff 1 2\r\n".utf8), "nobody"),
        (v4, "1.2.3.4 4660"), (v6, "2001:db8::5 99"), (signature + [0x20, 0, 0, 0], "nobody"),
        (signature + [0x21, 0x31, 0, 3, 1, 2, 3], "nobody"),
    ]

    @Test("a header in any number of pieces names the client, and what follows is left", arguments: headers)
    func reads(bytes: [UInt8], expected: String) {
        for length in 0..<bytes.count { #expect(read(Array(bytes[..<length])).outcome == "more", "\(length)") }
        let (outcome, rest) = read(bytes + Array("GET".utf8))
        #expect(outcome == expected)
        #expect(rest == 3)
    }

    @Test(
        "anything else is refused, as early as it shows",
        arguments: [
            Array("GET / HTTP/1.1\r\n".utf8), Array("PROXY TCP4 1.2.3.4 5.6.7.8 1000\r\n".utf8),
            Array("PROXY TCP4 x 5.6.7.8 1000 80\r\n".utf8), Array("PROXY TCP4 1.2.3.4 5.6.7.8 70000 80\r\n".utf8),
            Array("PROXY TCP9 1.2.3.4 5.6.7.8 1 80\r\n".utf8), Array("PROXY ".utf8) + Array(repeating: 65, count: 200),
            signature + [0x11, 0x11, 0, 12], signature + [0x22, 0x11, 0, 12], signature + [0x21, 0x11, 0x20, 0],
            signature + [0x21, 0x11, 0, 4, 1, 2, 3, 4], signature + [0x21, 0x21, 0, 1, 1],
        ])
    func refuses(bytes: [UInt8]) { #expect(read(bytes).outcome == "malformed") }

    @Test("the client's address is the one that the trusted proxy names")
    func serves() async throws {
        let settings: JSON = ["proxyProtocol": true, "trustedProxies": ["127.0.0.1"]]
        try await WebProcess.serve([Caller.self], web: settings) { web async throws in
            for header in [Array("PROXY TCP4 1.2.3.4 5.6.7.8 4660 80\r\n".utf8), Self.v4] {
                let connection = try web.connect()
                let request = Array("GET /api/caller HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
                try await connection.send(header + request)
                #expect(try await connection.response().member("caller") == "1.2.3.4:4660 http x")
                try await connection.send(request)
                #expect(try await connection.response().member("caller") == "1.2.3.4:4660 http x")
            }
            #expect(try await web.raw("GET /api/caller HTTP/1.1\r\nHost: x\r\n\r\n").isEmpty)
        }
    }

    @Test("somebody else's header is a malformed request")
    func distrusts() async throws {
        let settings: JSON = ["proxyProtocol": true, "trustedProxies": ["10.0.0.1"]]
        try await WebProcess.serve([Caller.self], web: settings) { web async throws in
            let responses = try await web.raw("PROXY TCP4 1.2.3.4 5.6.7.8 1 80\r\n\r\n")
            #expect(responses.map(\.status) == [400])
            #expect(try await web.request("/api/caller").member("caller")?.stringValue?.hasPrefix("127.0.0.1:") == true)
        }
    }
}
