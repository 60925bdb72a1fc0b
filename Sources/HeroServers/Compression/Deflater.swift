// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import CZlib

/// Packs a stream piece by piece.
///
/// May move between threads, but is used by one at a time.
final class Deflater: Sendable {
    enum Size {
        /// Packs best; 270 kB while it exists.
        case usual
        /// For streams that live long; 70 kB.
        case small
    }

    enum Flush {
        /// The packer decides when it writes, which packs best.
        case none
        /// Everything that has been put in can be unpacked.
        case sync
        /// The end of the input: what is held back is to be written.
        case finish
    }

    // zlib keeps the address of its state. Whoever hands the deflater on does so after its last use.
    nonisolated(unsafe) private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private let isOpen: Bool

    /// Fails when there is no memory.
    ///
    /// - Parameters:
    ///   - encoding: gzip, or deflate in zlib's format, which is what HTTP calls so.
    ///   - level: 1 to 9.
    ///   - size: How much memory it may take.
    init?(_ encoding: ContentEncoding, level: Int32, _ size: Size) {
        stream.initialize(to: z_stream())
        let bits: Int32 = size == .usual ? 15 : 13
        let code = deflateInit2_(
            stream, level, Z_DEFLATED, encoding == .gzip ? bits + 16 : bits, size == .usual ? 8 : 6, Z_DEFAULT_STRATEGY,
            ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        isOpen = code == Z_OK
        if !isOpen { return nil }
    }

    deinit {
        if isOpen { deflateEnd(stream) }
        stream.deallocate()
    }

    /// Begins a new stream in the same memory.
    func reset() { deflateReset(stream) }

    func add(_ input: [UInt8], _ flush: Flush) -> [UInt8] { input.withUnsafeBytes { add($0, flush) } }

    /// - Parameters:
    ///   - input: The next bytes.
    ///   - flush: How much of the packed form is wanted.
    /// - Returns: Packed bytes.
    func add(_ input: UnsafeRawBufferPointer, _ flush: Flush) -> [UInt8] {
        var output: [UInt8] = []
        var rest = input
        repeat {
            // zlib counts with 32 bits.
            let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(piece.count))
            // zlib does not write to what it reads; its type only lacks the word for it.
            stream.pointee.next_in = UnsafeMutablePointer(mutating: piece.bindMemory(to: UInt8.self).baseAddress)
            stream.pointee.avail_in = UInt32(piece.count)
            let kind = rest.isEmpty ? Self.constant(flush) : Z_NO_FLUSH
            let room = max(512, piece.count / 3)
            repeat {
                let packed = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
                    stream.pointee.next_out = buffer.baseAddress
                    stream.pointee.avail_out = UInt32(room)
                    // Its codes tell of misuse only, and of an output without room, which is asked for below.
                    _ = deflate(stream, kind)
                    count = room - Int(stream.pointee.avail_out)
                }
                if output.isEmpty { output = packed } else { output += packed }
            } while stream.pointee.avail_out == 0
        } while !rest.isEmpty
        return output
    }

    private static func constant(_ flush: Flush) -> Int32 {
        switch flush {
        case .none: Z_NO_FLUSH
        case .sync: Z_SYNC_FLUSH
        case .finish: Z_FINISH
        }
    }
}
