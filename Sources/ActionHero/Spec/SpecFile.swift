// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A file that a test uploads.
public struct SpecFile: Sendable {
    let field: String
    let name: String
    let contentType: String
    let bytes: [UInt8]

    /// Makes a file.
    ///
    /// - Parameters:
    ///   - field: The field of the form.
    ///   - name: The name that the client gives it.
    ///   - contentType: The type that the client gives it.
    ///   - bytes: Its content.
    public init(_ field: String, name: String, contentType: String = "application/octet-stream", bytes: [UInt8]) {
        self.field = field
        self.name = name
        self.contentType = contentType
        self.bytes = bytes
    }

    func contains(_ text: String) -> Bool {
        let wanted = Array(text.utf8)
        guard bytes.count >= wanted.count else { return false }
        return (0...(bytes.count - wanted.count)).contains { bytes[$0...].starts(with: wanted) }
    }
}
