// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport
import Testing

@testable import HeroServers

@Suite("which encoding a client gets")
struct NegotiationTests {
    @Test(
        "the one it likes best, and of two equal ones the server's choice",
        arguments: [
            ("gzip", "gzip"), ("gzip, deflate, br", "br"), ("deflate, gzip", "gzip"),
            ("gzip;q=0.5, deflate", "deflate"),
            ("br;q=0.1, gzip;q=0.2", "gzip"), ("*", "br"), ("*;q=0.5, br;q=0", "gzip"), ("x-gzip", "gzip"),
            ("GZIP", "gzip"),
            ("gzip;q=0", nil), ("", nil), ("identity", nil), ("sdch", nil), ("gzip;q=0.5, identity", nil),
            ("gzip;q=0.5, identity;q=0.5", "gzip"), ("identity;q=0", nil), ("gzip;q=nonsense", nil),
            (",;=,gzip", "gzip"),
        ])
    func best(_ header: String, _ expected: String?) {
        let best = ContentEncoding.best(of: [.brotli, .gzip, .deflate], AcceptedEncodings(header))
        #expect(best?.rawValue == expected)
    }

    @Test("types are told apart without regard to capitals and parameters")
    func types() {
        let types = ContentTypeList(["text/*", "*+json", "application/json"])
        for type in [
            "text/html", "TEXT/plain; charset=utf-8", "application/json;charset=x", "application/vnd.api+json",
        ] {
            #expect(types.contains(type))
        }
        for type in ["image/png", "application/octet-stream", "", "application/jsonp", "text"] {
            #expect(!types.contains(type))
        }
    }
}

@Suite("packed bytes")
struct DeflaterTests {
    private let text = Array(Sized.text(1_000_000).utf8)

    @Test("are unpacked to what they were, in one piece or in many", arguments: [ContentEncoding.gzip, .deflate])
    func whole(_ encoding: ContentEncoding) throws {
        for (size, step) in [(Deflater.Size.usual, 1_000_000), (.small, 7001), (.usual, 65_536)] {
            let deflater = try #require(Deflater(encoding, level: 6, size))
            var packed: [UInt8] = []
            for start in stride(from: 0, to: text.count, by: step) {
                packed += deflater.add(Array(text[start..<min(start + step, text.count)]), .none)
            }
            packed += deflater.add([], .finish)
            #expect(packed.starts(with: encoding == .gzip ? [0x1F, 0x8B] : [size == .usual ? 0x78 : 0x58]))
            let (bytes, isWhole) = try Unpacking.unpack(packed)
            #expect(bytes == text && isWhole)
            #expect(packed.count < text.count / 10)
        }
    }

    @Test("can be unpacked as far as they go when they have been flushed")
    func flushed() throws {
        let deflater = try #require(Deflater(.gzip, level: 6, .small))
        var packed: [UInt8] = []
        for count in 1...50 {
            packed += deflater.add(Array("event \(count)\n".utf8), .sync)
            let (bytes, isWhole) = try Unpacking.unpack(packed)
            #expect(String(decoding: bytes, as: UTF8.self).hasSuffix("event \(count)\n") && !isWhole)
        }
        packed += deflater.add([], .finish)
        #expect(try Unpacking.unpack(packed).isWhole)
    }

    @Test("of a second stream are the same as of a first one")
    func again() throws {
        let deflater = try #require(Deflater(.gzip, level: 6, .usual))
        let first = deflater.add(text, .finish)
        deflater.reset()
        #expect(deflater.add(text, .finish) == first)
    }
}
