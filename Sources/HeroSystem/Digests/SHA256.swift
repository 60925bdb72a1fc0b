// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL
internal import Glibc

/// SHA-256 (FIPS 180-4) by the system's OpenSSL.
package enum SHA256 {
    /// - Returns: 64 hexadecimal digits in small letters.
    package static func hexadecimal(_ bytes: [UInt8]) -> String {
        var running = Running()
        bytes.withUnsafeBytes { running.update($0) }
        return running.hexadecimal()
    }

    /// - Returns: 32 bytes.
    package static func digest(_ bytes: [UInt8]) -> [UInt8] {
        var running = Running()
        bytes.withUnsafeBytes { running.update($0) }
        return running.digest()
    }

    /// Of a file, read piece by piece.
    ///
    /// - Parameters:
    ///   - descriptor: Where reading begins.
    ///   - path: For messages.
    /// - Returns: 64 hexadecimal digits in small letters.
    /// - Throws: ``FileError``.
    package static func hexadecimal(descriptor: Int32, path: String) throws(FileError) -> String {
        var running = Running()
        try FilePieces.read(descriptor, path) { running.update($0) }
        return running.hexadecimal()
    }

    /// A digest while its input arrives.
    package struct Running: Sendable {
        private var state = SHA256_CTX()

        /// Not SHA256(): that one prepares all of OpenSSL first, which would be 5 % of the time until the first answer.
        package init() { SHA256_Init(&state) }

        package mutating func update(_ bytes: UnsafeRawBufferPointer) {
            _ = SHA256_Update(&state, bytes.baseAddress, bytes.count)
        }

        mutating func digest() -> [UInt8] {
            var digest = [UInt8](repeating: 0, count: 32)
            SHA256_Final(&digest, &state)
            return digest
        }

        /// The end: nothing may be added after it.
        ///
        /// - Returns: 64 hexadecimal digits in small letters.
        package mutating func hexadecimal() -> String { Hexadecimal.text(digest()) }
    }
}

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
