// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport
import NIOCore
import Testing

@testable import HeroServers

@Suite("unpacking")
struct InflaterTests {
    private static let text = Array(String(repeating: "The quick brown fox. ", count: 5000).utf8)

    /// - Returns: What comes out, and whether that was all.
    private func inflate(
        _ format: Inflater.Format, _ packed: [UInt8], pieces: Int = 1 << 20, limit: Int = 1000
    ) throws -> (bytes: [UInt8], isComplete: Bool) {
        let inflater = Inflater(format)
        var (bytes, input): ([UInt8], ByteBuffer) = ([], ByteBuffer())
        for start in stride(from: 0, to: packed.count, by: pieces) {
            input.writeBytes(packed[start..<min(start + pieces, packed.count)])
            while true {
                let output = try inflater.next(&input, limit: limit)
                #expect(output.readableBytes <= limit)
                if output.readableBytes == 0 { break }
                bytes += Array(output.readableBytesView)
            }
        }
        return (bytes, inflater.isComplete)
    }

    @Test("gzip, zlib's format and bare deflate come out as they went in, in pieces of any size")
    func unpacks() throws {
        for pieces in [1, 7, 1 << 20] {
            for limit in [100, 1000, 1 << 20] {
                for (format, packed) in [
                    (Inflater.Format.gzip, Packed.gzip(Self.text)), (.deflate, Packed.zlib(Self.text)),
                    (.deflate, Packed.bareDeflate(Self.text)),
                ] {
                    let result = try inflate(format, packed, pieces: pieces, limit: limit)
                    #expect(result.isComplete && result.bytes == Self.text)
                }
            }
        }
    }

    @Test("gzip may come in several streams, and nothing else may follow")
    func readsSeveralStreams() throws {
        let result = try inflate(.gzip, Packed.gzip([1, 2]) + Packed.gzip([]) + Packed.gzip([3]), pieces: 3)
        #expect(result.isComplete && result.bytes == [1, 2, 3])
        #expect(throws: Inflater.Corrupt.self) { try inflate(.gzip, Packed.gzip([1, 2]) + Array("rest".utf8)) }
        #expect(throws: Inflater.Corrupt.self) { try inflate(.deflate, Packed.zlib([1, 2]) + [0]) }
    }

    @Test("what is cut is incomplete at every length, and nothing is complete")
    func noticesCuts() throws {
        let packed = Packed.gzip(Array(Self.text.prefix(300)))
        #expect(try inflate(.gzip, []).isComplete)
        for length in 1..<packed.count {
            let result = try inflate(.gzip, Array(packed.prefix(length)))
            #expect(!result.isComplete, "\(length)")
        }
    }

    @Test("damaged bytes are noticed, and random ones never do harm")
    func survivesDamage() throws {
        var damaged = Packed.gzip(Self.text)
        damaged[damaged.count - 5] ^= 1
        #expect(throws: Inflater.Corrupt.self) { try inflate(.gzip, damaged) }
        var random = SeededRandom(seed: 3)
        for _ in 0..<500 {
            var bytes = Packed.gzip(Array(Self.text.prefix(200)))
            for _ in 0..<3 { bytes[random.next(below: bytes.count)] = UInt8(random.next(below: 256)) }
            _ = try? inflate(.gzip, bytes)
            _ = try? inflate(.deflate, bytes)
        }
    }
}
