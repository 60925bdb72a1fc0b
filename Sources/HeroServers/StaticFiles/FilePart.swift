// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import HeroSystem
internal import NIOCore

/// A part of a response's body.
enum FilePiece: Sendable {
    case bytes(ByteBuffer)
    case part(FilePart)

    var count: Int {
        switch self {
        case .bytes(let bytes): bytes.readableBytes
        case .part(let part): part.readableBytes
        }
    }
}

/// The part of a file that is still to be sent; the file stays open as long as anybody has a part of it.
///
/// All responses with the same file share one descriptor: none of them moves its position.
struct FilePart: Sendable {
    private let file: OpenedFile
    private var range: Range<Int>

    init(_ file: OpenedFile, _ range: Range<Int>) {
        (self.file, self.range) = (file, range)
    }

    var readableBytes: Int { range.count }

    mutating func moveForward(by count: Int) {
        range = min(range.lowerBound + count, range.upperBound)..<range.upperBound
    }

    /// Reads the next bytes; may wait for the disk.
    ///
    /// - Parameter limit: How many.
    /// - Returns: Fewer when the disk gives fewer; none when the file has become shorter or cannot be read.
    func read(atMost limit: Int) -> ByteBuffer {
        let wanted = min(limit, readableBytes)
        var bytes = ByteBufferAllocator().buffer(capacity: wanted)
        bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: wanted) {
            file.read($0.baseAddress, wanted, at: range.lowerBound)
        }
        return bytes
    }

    /// Reads the next bytes without waiting for the disk.
    ///
    /// - Parameter limit: How many.
    /// - Returns: Fewer when fewer are in memory; none when the first are not.
    func readAtHand(atMost limit: Int) -> ByteBuffer {
        let wanted = min(limit, readableBytes)
        var bytes = ByteBufferAllocator().buffer(capacity: wanted)
        bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: wanted) {
            file.readAtHand($0.baseAddress, wanted, at: range.lowerBound)
        }
        return bytes
    }

    /// - Parameter limit: How many bytes are looked at.
    /// - Returns: How many of the next bytes can be had without waiting for the disk.
    func countAtHand(atMost limit: Int) -> Int { file.countAtHand(min(limit, readableBytes), at: range.lowerBound) }

    /// May wait for the disk unless ``countAtHand(atMost:)`` has said that the bytes are there.
    ///
    /// - Returns: How many bytes the socket has taken; none when the file has become shorter.
    func send(to socket: Int32, atMost limit: Int) -> Result<Int, IOError> {
        file.send(to: socket, from: range.lowerBound, count: min(limit, readableBytes))
    }
}
