// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import CZlib
internal import NIOCore

/// Unpacks a stream piece by piece, never more at once than the caller has room for.
///
/// Takes about 40 kB while it exists.
final class Inflater {
    enum Format {
        case gzip
        /// The format of zlib (RFC 1950), or without its header, as some clients take the coding's name literally.
        case deflate
    }

    struct Corrupt: Error {}

    private let format: Format
    // zlib keeps the address of its state.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private var isOpen = false
    /// The last byte of a stream has been read, and nothing behind it.
    private var isAtEnd = false
    /// Unpacked bytes wait inside, because the last call had no room for all of them.
    private var holdsOutput = false
    /// Packed bytes that have been used.
    private(set) var consumedBytes = 0

    init(_ format: Format) {
        self.format = format
        stream.initialize(to: z_stream())
    }

    deinit {
        if isOpen { inflateEnd(stream) }
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    /// Whether everything that belongs together has arrived; nothing at all is nothing packed.
    var isComplete: Bool { isAtEnd || !isOpen && consumedBytes == 0 }

    /// Unpacks.
    ///
    /// - Parameters:
    ///   - input: Packed bytes; what is used is taken away.
    ///   - limit: How many bytes to make at most.
    /// - Returns: What has been unpacked; empty when more input is needed.
    /// - Throws: ``Corrupt``; afterwards the inflater must not be used again.
    func next(_ input: inout ByteBuffer, limit: Int) throws(Corrupt) -> ByteBuffer {
        var output = ByteBuffer()
        while output.readableBytes == 0, input.readableBytes > 0 || holdsOutput {
            guard try open(&input) else { return output }
            if isAtEnd { try startAgain() }
            output = try step(&input, limit: limit)
        }
        return output
    }

    /// - Returns: Whether the format is known; for `deflate` the first two bytes are needed.
    private func open(_ input: inout ByteBuffer) throws(Corrupt) -> Bool {
        if isOpen { return true }
        var windowBits: Int32 = 31
        if format == .deflate {
            guard let start = input.getInteger(at: input.readerIndex, as: UInt16.self) else { return false }
            let isZlib = start % 31 == 0 && start >> 8 & 0x0F == 8
            windowBits = isZlib ? 15 : -15
        }
        guard hero_inflate_init(stream, windowBits) == Z_OK else { throw Corrupt() }
        isOpen = true
        return true
    }

    /// Several gzip streams behind one another stand for one (RFC 1952, 2.2).
    private func startAgain() throws(Corrupt) {
        guard format == .gzip, inflateReset(stream) == Z_OK else { throw Corrupt() }
        isAtEnd = false
    }

    private func step(_ input: inout ByteBuffer, limit: Int) throws(Corrupt) -> ByteBuffer {
        var output = ByteBufferAllocator().buffer(capacity: limit)
        var code = Z_OK
        var used = 0
        let available = min(input.readableBytes, Int(UInt32.max))
        input.withUnsafeReadableBytes { source in
            _ = output.writeWithUnsafeMutableBytes(minimumWritableBytes: limit) { target in
                // zlib does not write to what it reads; its type only lacks the word for it.
                stream.pointee.next_in = UnsafeMutablePointer(
                    mutating: source.bindMemory(to: UInt8.self).baseAddress)
                stream.pointee.avail_in = UInt32(available)
                stream.pointee.next_out = target.bindMemory(to: UInt8.self).baseAddress
                stream.pointee.avail_out = UInt32(limit)
                code = inflate(stream, Z_NO_FLUSH)
                used = available - Int(stream.pointee.avail_in)
                holdsOutput = stream.pointee.avail_out == 0 && code == Z_OK
                return limit - Int(stream.pointee.avail_out)
            }
        }
        input.moveReaderIndex(forwardBy: used)
        consumedBytes += used
        switch code {
        case Z_STREAM_END: isAtEnd = true
        // No progress was possible: all input has been used.
        case Z_OK, Z_BUF_ERROR: break
        default: throw Corrupt()
        }
        return output
    }
}
