// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Files that pass through a buffer, however long they are.
enum FilePieces {
    /// Small enough to stay in the processor's cache between reading and hashing.
    private static let bytes = 128 << 10

    /// - Parameters:
    ///   - descriptor: Where reading begins.
    ///   - path: For messages.
    ///   - body: Gets each piece; the bytes are good until it returns.
    /// - Throws: ``FileError``.
    static func read(
        _ descriptor: Int32, _ path: String, _ body: (UnsafeRawBufferPointer) throws(FileError) -> Void
    ) throws(FileError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 64)
        defer { buffer.deallocate() }
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count == 0 { return }
            if count > 0 {
                try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            } else if errno != EINTR {
                throw FileError("read", path, errno)
            }
        }
    }
}
