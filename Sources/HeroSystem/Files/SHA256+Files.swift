// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

extension SHA256 {
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
}
