// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// The body of a test's request, with its content type.
public struct SpecBody: Sendable {
    package let contentType: String
    package let bytes: [UInt8]

    private init(_ contentType: String, _ bytes: [UInt8]) {
        self.contentType = contentType
        self.bytes = bytes
    }

    /// A JSON document, `application/json`.
    ///
    /// - Parameter value: Any JSON value.
    /// - Returns: The body.
    public static func json(_ value: JSON) -> SpecBody { SpecBody("application/json", Array(value.description.utf8)) }

    /// A form as browsers send one without files, `application/x-www-form-urlencoded`.
    ///
    /// - Parameter fields: Name and value in order; anything may stand in both.
    /// - Returns: The body.
    public static func form(_ fields: KeyValuePairs<String, String>) -> SpecBody {
        let text = fields.map { "\(encoded($0.key))=\(encoded($0.value))" }.joined(separator: "&")
        return SpecBody("application/x-www-form-urlencoded", Array(text.utf8))
    }

    /// A form with files, `multipart/form-data`.
    ///
    /// - Parameters:
    ///   - fields: Name and value in order.
    ///   - files: What is uploaded.
    /// - Returns: The body.
    public static func multipart(_ fields: KeyValuePairs<String, String> = [:], files: [SpecFile]) -> SpecBody {
        var boundary = "hero-spec-boundary"
        while files.contains(where: { $0.contains(boundary) })
            || fields.contains(where: { $0.value.contains(boundary) })
        {
            boundary += String(UInt32.random(in: 0...UInt32.max), radix: 36)
        }
        var bytes: [UInt8] = []
        for (name, value) in fields {
            bytes += Array("--\(boundary)\r\nContent-Disposition: form-data; name=\"\(quoted(name))\"\r\n\r\n".utf8)
            bytes += Array("\(value)\r\n".utf8)
        }
        for file in files {
            let names = "name=\"\(quoted(file.field))\"; filename=\"\(quoted(file.name))\""
            bytes += Array("--\(boundary)\r\nContent-Disposition: form-data; \(names)\r\n".utf8)
            bytes += Array("Content-Type: \(file.contentType)\r\n\r\n".utf8) + file.bytes + Array("\r\n".utf8)
        }
        bytes += Array("--\(boundary)--\r\n".utf8)
        return SpecBody("multipart/form-data; boundary=\(boundary)", bytes)
    }

    /// Bytes as they are.
    ///
    /// - Parameters:
    ///   - bytes: The whole body.
    ///   - contentType: Its type, for example `text/csv`.
    /// - Returns: The body.
    public static func bytes(_ bytes: [UInt8], contentType: String) -> SpecBody { SpecBody(contentType, bytes) }

    private static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                bytes.append(byte)
            case UInt8(ascii: " "): bytes.append(UInt8(ascii: "+"))
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// As browsers write names: what would end the quotes or the line, by percent signs.
    private static func quoted(_ name: String) -> String {
        var text = ""
        for scalar in name.unicodeScalars {
            switch scalar {
            case "\"": text += "%22"
            case "\r": text += "%0D"
            case "\n": text += "%0A"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
