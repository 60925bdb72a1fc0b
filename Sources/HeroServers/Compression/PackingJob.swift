// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import Synchronization

/// A body on its way through a deflater.
final class PackingJob: Sendable {
    enum Progress {
        case more
        /// `nil` when the packed body is no smaller.
        case done([UInt8]?)
    }

    /// 3 ms or so.
    private static let pieceBytes = 262_144
    private let bytes: ByteBuffer
    private let deflater: Deflater
    private let state = Mutex((offset: 0, packed: [UInt8]()))

    init?(_ bytes: ByteBuffer, _ encoding: ContentEncoding, level: Int32) {
        guard let deflater = Deflater(encoding, level: level, .usual) else { return nil }
        (self.bytes, self.deflater) = (bytes, deflater)
    }

    func step() -> Progress {
        state.withLock { state in
            let count = bytes.readableBytes
            let end = min(state.offset + Self.pieceBytes, count)
            state.packed += bytes.withUnsafeReadableBytes {
                deflater.add(UnsafeRawBufferPointer(rebasing: $0[state.offset..<end]), end == count ? .finish : .none)
            }
            state.offset = end
            if end < count { return .more }
            return .done(state.packed.count < count ? state.packed : nil)
        }
    }
}
