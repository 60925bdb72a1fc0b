// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
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

/// Reads a file from its beginning to its end.
private final class FileReader: Sendable {
    private struct FileShrank: Error {}

    private static let chunkBytes = 131_072
    private let pieces: NIOLockedValueBox<[FilePiece]>

    init(_ file: FileBody) { pieces = NIOLockedValueBox(file.pieces) }

    /// - Returns: The next bytes, `nil` at the end.
    /// - Throws: When they cannot be read, or are gone.
    func next() throws -> [UInt8]? {
        try pieces.withLockedValue { pieces in
            switch pieces.first {
            case nil: return nil
            case .bytes(let bytes):
                pieces.removeFirst()
                return Array(bytes.readableBytesView)
            case .part(var part):
                let bytes = part.read(atMost: Self.chunkBytes)
                guard bytes.readableBytes > 0 else { throw FileShrank() }
                part.moveForward(by: bytes.readableBytes)
                if part.readableBytes == 0 { pieces.removeFirst() } else { pieces[0] = .part(part) }
                return Array(bytes.readableBytesView)
            }
        }
    }
}
