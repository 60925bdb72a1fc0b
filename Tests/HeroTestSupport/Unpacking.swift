// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import CZlib

/// Unpacks gzip and zlib's format with the other half of the library.
package enum Unpacking {
    package struct Failure: Error { package let code: Int32 }

    /// - Parameter bytes: A stream, whole or cut off.
    /// - Returns: What the bytes hold, and whether the stream ended with them.
    /// - Throws: ``Failure`` when they are no such stream.
    package static func unpack(_ bytes: [UInt8]) throws -> (bytes: [UInt8], isWhole: Bool) {
        var stream = z_stream()
        // 47: either format.
        let opened = inflateInit2_(&stream, 47, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard opened == Z_OK else { throw Failure(code: opened) }
        defer { inflateEnd(&stream) }
        var input = bytes
        var output: [UInt8] = []
        var code = Z_OK
        input.withUnsafeMutableBufferPointer { input in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            repeat {
                output += [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
                    stream.next_out = buffer.baseAddress
                    stream.avail_out = 65_536
                    code = inflate(&stream, Z_NO_FLUSH)
                    count = 65_536 - Int(stream.avail_out)
                }
            } while code == Z_OK && (stream.avail_in > 0 || stream.avail_out == 0)
        }
        guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else { throw Failure(code: code) }
        return (output, code == Z_STREAM_END)
    }
}

extension HTTPResponse {
    /// The body as it was before it was packed with gzip or deflate.
    package var unpackedText: String {
        get throws { String(decoding: try Unpacking.unpack(body).bytes, as: UTF8.self) }
    }
}
