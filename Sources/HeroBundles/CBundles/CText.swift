// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Text of a table.
enum CText {
    private static let maximumBytes = 65_535

    static func optional(
        _ pointer: UnsafePointer<CChar>?, _ file: Generation.File, _ place: String, field: String
    ) throws(BundleProblem) -> String? {
        guard let pointer else { return nil }
        let length = strnlen(pointer, maximumBytes + 1)
        guard length <= maximumBytes else {
            throw .cTable(
                file, place, "\(field) has no end within \(maximumBytes) bytes",
                expected: "at most \(maximumBytes) bytes", found: "more")
        }
        let bytes = UnsafeRawBufferPointer(start: pointer, count: length)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let found = String(decoding: bytes.prefix(64), as: UTF8.self)
            throw .cTable(file, place, "\(field) is not UTF-8: '\(found)'", expected: "UTF-8", found: found)
        }
        return text
    }

    static func required(
        _ pointer: UnsafePointer<CChar>?, _ file: Generation.File, _ place: String, field: String
    ) throws(BundleProblem) -> String {
        let text = try optional(pointer, file, place, field: field)
        if let text, !text.isEmpty { return text }
        let found = text == nil ? "NULL" : "empty"
        throw .cTable(file, place, "\(field) is \(found)", expected: "text", found: found)
    }
}
