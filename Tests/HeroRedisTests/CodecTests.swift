// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroRedis
import HeroTestSupport
import NIOCore
import Testing

@Suite("the codec")
struct CodecTests {
    private static let corpus: [RESPValue] = [
        .status("OK"), .error("ERR wrong"), .integer(0), .integer(.max), .integer(.min), .null, .bytes([]),
        .bytes(Array("a\r\nb".utf8)), .array([]), .array([.null, .array([.integer(-1), .error("x")]), .status("")]),
        .bytes([UInt8](repeating: 7, count: 300)), .array(Array(repeating: .integer(5), count: 20)),
    ]

    @Test("replies cut in two anywhere, or into single bytes, are the same replies")
    func slices() {
        let bytes = Self.corpus.flatMap(\.encoded)
        for position in bytes.indices {
            let (values, error) = HiredisCodec().read([bytes[..<position], bytes[position...]])
            #expect(error == nil && values == Self.corpus, "cut at \(position)")
        }
        let (values, error) = HiredisCodec().read(bytes.indices.map { bytes[$0...$0] })
        #expect(error == nil && values == Self.corpus)
    }

    @Test("both codecs read the same from the same bytes, however those are sliced", arguments: 1...8)
    func differential(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for round in 0..<400 {
            let values = (0..<1 + random.next(below: 6)).map { _ in RESPValue.random(&random) }
            var bytes = values.flatMap(\.encoded)
            let isDamaged = random.next(below: 2) == 0
            if isDamaged { bytes = bytes.damaged(&random) }
            let expected = OracleCodec().read([bytes[...]])
            for longest in [1, 7, 4096] {
                let found = HiredisCodec().read(bytes.sliced(&random, longest: longest))
                #expect(found.values == expected.values, "seed \(seed), round \(round)")
                #expect((found.error == nil) == (expected.error == nil), "seed \(seed), round \(round)")
            }
            if !isDamaged { #expect(expected.values == values && expected.error == nil) }
        }
    }

    @Test("both codecs write the same")
    func encoding() {
        var random = SeededRandom(seed: 3)
        for count in [1, 2, 9, 10, 11, 100] {
            let words = (0..<count).map { _ in
                (0..<random.next(below: 1200)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            }
            var (ours, theirs) = (ByteBuffer(), ByteBuffer())
            HiredisCodec().encode(words, into: &ours)
            OracleCodec().encode(words, into: &theirs)
            #expect(ours == theirs)
        }
    }

    @Test(
        "what is no reply is refused, and says what is wrong",
        arguments: [
            ("%1\r\n", "Protocol error, got \"%\" as reply type byte"), ("HTTP/1.1 400", "\"H\" as reply type byte"),
            ("*-2\r\n", "Multi-bulk length out of range"), ("*2147483648\r\n", "Multi-bulk length out of range"),
            ("$-2\r\n", "Bulk string length out of range"), (":1x\r\n", "Bad integer value"),
            ("$99999999999999999999\r\n", "Bad bulk string length"), ("*2147483647\r\n", "more than 2097152 values"),
            ("*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", "depth > 7"),
        ])
    func refusals(text: String, reason: String) {
        let codec = HiredisCodec()
        let (values, error) = codec.read([Array(text.utf8)[...]])
        #expect(values.isEmpty)
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "no error")")
        #expect(throws: RedisProtocolError.self) { try codec.next() }
    }

    @Test("eight arrays in one another are a reply")
    func depth() {
        let text = String(repeating: "*1\r\n", count: 8) + ":1\r\n"
        #expect(HiredisCodec().read([Array(text.utf8)[...]]).values.count == 1)
    }

    @Test("a reply that never ends is given up at its limit, whatever it pretends to be")
    func endless() {
        var limits = RedisReplyLimits()
        (limits.bytes, limits.values, limits.lineBytes) = (100_000, 1000, 1000)
        let forms: [(head: String, more: String)] = [
            ("+", "a"), ("$", "1"), ("*", "1"), (":", "1"), ("-", "\r"), ("$900000000\r\n", "x"), ("", "*2\r\n:1\r\n"),
            ("*999\r\n", "*999\r\n"), ("*900\r\n", "*1\r\n:1\r\n"),
        ]
        for (head, more) in forms {
            let codec = HiredisCodec(limits: limits)
            var error = codec.read([Array(head.utf8)[...]]).error
            let chunk = Array(String(repeating: more, count: 4096 / more.utf8.count).utf8)
            var sent = 0
            while error == nil, sent < 1_000_000 {
                sent += chunk.count
                error = codec.read([chunk[...]]).error
            }
            #expect(error != nil, "\(head.debugDescription) and \(more.debugDescription) without end")
            #expect(sent <= 110_000)
        }
    }

    @Test("no server takes more memory than the limit, with the ones that connections have")
    func usualLimits() {
        let limits = RedisConnectionSettings(.unix(path: "x")).replyLimits
        #expect(limits.bytes == 64 << 20)
        let codec = HiredisCodec(limits: limits)
        var error = codec.read([Array("$536870912\r\n".utf8)[...]]).error
        let chunk = [UInt8](repeating: 120, count: 1 << 20)
        var sent = 0
        while error == nil, sent < 1 << 30 {
            sent += chunk.count
            error = codec.read([chunk[...]]).error
        }
        #expect(error?.description == "a reply is longer than 67108864 bytes" && sent <= 65 << 20)
    }

    @Test("many replies are not one long one")
    func manyReplies() {
        var limits = RedisReplyLimits()
        (limits.bytes, limits.values) = (5000, 10)
        let codec = HiredisCodec(limits: limits)
        let bytes = (0..<2000).flatMap { _ in RESPValue.array([.bytes([UInt8](repeating: 1, count: 100))]).encoded }
        var random = SeededRandom(seed: 1)
        let (values, error) = codec.read(bytes.sliced(&random, longest: 4096))
        #expect(values.count == 2000 && error == nil)
    }
}
