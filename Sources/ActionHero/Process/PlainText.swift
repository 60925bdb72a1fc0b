// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Text from outside on its way to a terminal or into a line of a log: nothing in it acts on either.
///
/// A line break would let a client, or the name of a file, forge lines; escape sequences would move the cursor, set the
/// title or hide what stands there; marks that turn the direction of writing would show it in another order. All of them
/// are spelled out.
package enum PlainText {
    private enum Spelling {
        /// `\n`, `\x1b`, `\u{202e}`.
        case text
        /// `\u001b`: what stands outside of text in JSON is never escaped.
        case json
    }

    /// Appends text that becomes part of a line.
    package static func append(_ text: String, to buffer: inout [UInt8]) {
        append(text, keepsLines: false, .text, to: &buffer)
    }

    /// - Parameter text: From outside.
    /// - Returns: The text as part of a line.
    package static func line(_ text: String) -> String {
        var buffer: [UInt8] = []
        append(text, keepsLines: false, .text, to: &buffer)
        return String(decoding: buffer, as: UTF8.self)
    }

    /// - Parameter text: Lines of our own; what they quote must be ``line(_:)`` where it must not begin a new one.
    /// - Returns: The same lines, of which nothing but their ends acts on a terminal.
    package static func lines(_ text: String) -> String {
        var buffer: [UInt8] = []
        append(text, keepsLines: true, .text, to: &buffer)
        return String(decoding: buffer, as: UTF8.self)
    }

    /// - Parameter text: JSON, with or without indentation.
    /// - Returns: JSON of the same value.
    package static func json(_ text: String) -> String {
        var buffer: [UInt8] = []
        append(text, keepsLines: true, .json, to: &buffer)
        return String(decoding: buffer, as: UTF8.self)
    }

    /// Appends JSON that becomes part of a line.
    package static func append(json: [UInt8], to buffer: inout [UInt8]) {
        json.withUnsafeBufferPointer { append($0, keepsLines: false, .json, to: &buffer) }
    }

    private static func append(_ text: String, keepsLines: Bool, _ spelling: Spelling, to buffer: inout [UInt8]) {
        var text = text
        text.withUTF8 { append($0, keepsLines: keepsLines, spelling, to: &buffer) }
    }

    private static func append(
        _ bytes: UnsafeBufferPointer<UInt8>, keepsLines: Bool, _ spelling: Spelling, to buffer: inout [UInt8]
    ) {
        guard bytes.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == 0xC2 || $0 == 0xE2 }) else {
            buffer.append(contentsOf: bytes)
            return
        }
        var position = 0
        while position < bytes.count {
            let byte = bytes[position]
            if let (scalar, length) = acting(bytes, at: position) {
                append(scalar, spelling, to: &buffer)
                position += length
                continue
            }
            position += 1
            switch byte {
            case 0x0A where keepsLines: buffer.append(byte)
            case 0x0A where spelling == .text: buffer += #"\n"#.utf8
            case 0x0D where spelling == .text: buffer += #"\r"#.utf8
            case 0x09: buffer.append(byte)
            case 0..<0x20, 0x7F: append(UInt32(byte), spelling, to: &buffer)
            default: buffer.append(byte)
            }
        }
    }

    /// A character beyond ASCII that does something, and how many bytes it takes.
    private static func acting(
        _ bytes: UnsafeBufferPointer<UInt8>, at position: Int
    ) -> (scalar: UInt32, length: Int)? {
        // U+0080 to U+009F are control characters: U+009B begins a command to a terminal.
        if bytes[position] == 0xC2, position + 1 < bytes.count, bytes[position + 1] < 0xA0 {
            return (UInt32(bytes[position + 1]), 2)
        }
        guard bytes[position] == 0xE2, position + 2 < bytes.count else { return nil }
        let (second, third) = (UInt32(bytes[position + 1]), UInt32(bytes[position + 2]))
        let scalar = 0x2000 | (second & 0x3F) << 6 | third & 0x3F
        switch scalar {
        // Ends of lines and paragraphs, directions of writing.
        case 0x2028...0x202E, 0x2066...0x2069, 0x200E, 0x200F: return (scalar, 3)
        default: return nil
        }
    }

    private static func append(_ scalar: UInt32, _ spelling: Spelling, to buffer: inout [UInt8]) {
        let digits = String(scalar, radix: 16)
        func padded(_ count: Int) -> String {
            String(repeating: "0", count: max(0, count - digits.utf8.count)) + digits
        }
        switch spelling {
        case .text where scalar < 0x100: buffer += "\\x\(padded(2))".utf8
        case .text: buffer += "\\u{\(digits)}".utf8
        case .json: buffer += "\\u\(padded(4))".utf8
        }
    }
}
