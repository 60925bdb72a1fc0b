// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import Glibc
internal import NIOConcurrencyHelpers
internal import NIOCore

extension ByteStream {
    /// The same stream, packed where it is produced.
    ///
    /// What has been written can be unpacked at once, so that clients see events when they happen.
    ///
    /// - Parameters:
    ///   - deflater: The stream's own.
    ///   - slot: Held as long as the stream exists.
    /// - Returns: Packed chunks, one for each.
    func packed(_ deflater: Deflater, _ slot: ResponseCompressor.Slot) -> ByteStream {
        let (produce, finish) = (produce, finish)
        return ByteStream(
            { write in
                try await produce { chunk in
                    if !chunk.isEmpty { try await write(deflater.add(chunk, .sync)) }
                }
                withExtendedLifetime(slot) {}
            }, endsWithProcess: endsWithProcess, finish: { deflater.add(finish(), .finish) })
    }

    /// A file, packed while it is read on a thread.
    ///
    /// - Parameters:
    ///   - file: Is the stream's from here on.
    ///   - deflater: The stream's own.
    ///   - slot: Held as long as the stream exists.
    ///   - threads: Where it is read.
    init(_ file: FileBody, _ deflater: Deflater, _ slot: ResponseCompressor.Slot, _ threads: CompressionThreads) {
        let reader = FileReader(file)
        self.init(
            { write in
                while let packed = try await threads.run({ try reader.next().map { deflater.add($0, .none) } }) {
                    if !packed.isEmpty { try await write(packed) }
                }
                withExtendedLifetime(slot) {}
            }, finish: { deflater.add([], .finish) })
    }
}

/// Reads a file from its beginning to its end; closes it when it is let go.
private final class FileReader: Sendable {
    private struct FileShrank: Error {}

    private static let chunkBytes = 131_072
    private let pieces: NIOLockedValueBox<[FilePiece]>

    init(_ file: FileBody) { pieces = NIOLockedValueBox(file.pieces) }

    deinit {
        for piece in pieces.withLockedValue({ $0 }) { piece.close() }
    }

    /// - Returns: The next bytes, `nil` at the end.
    /// - Throws: When they cannot be read, or are gone.
    func next() throws -> [UInt8]? {
        try pieces.withLockedValue { pieces in
            guard let first = pieces.first else { return nil }
            switch first {
            case .bytes(let bytes):
                pieces.removeFirst()
                return Array(bytes.readableBytesView)
            case .region(var region):
                let wanted = min(region.readableBytes, Self.chunkBytes)
                let bytes = try Self.read(region, count: wanted)
                region.moveReaderIndex(forwardBy: bytes.count)
                if region.readableBytes == 0 {
                    first.close()
                    pieces.removeFirst()
                } else {
                    pieces[0] = .region(region)
                }
                return bytes
            }
        }
    }

    private static func read(_ region: FileRegion, count: Int) throws -> [UInt8] {
        let bytes = try region.fileHandle.withUnsafeFileDescriptor { descriptor in
            try [UInt8](unsafeUninitializedCapacity: count) { buffer, got in
                got = max(pread(descriptor, buffer.baseAddress, count, off_t(region.readerIndex)), 0)
                if got == 0, count > 0 { throw FileShrank() }
            }
        }
        return bytes
    }
}
