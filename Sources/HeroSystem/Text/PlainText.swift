// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Text from outside on its way to a terminal or into a line of a log: nothing in it acts on either.
///
/// A line break would let a client, or the name of a file, forge lines; escape sequences would move the cursor, set the
/// title or hide what stands there; marks that turn the direction of writing would show it in another order, and those
/// without width would make two texts look like one. All of them are spelled out.
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
        guard bytes.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 >= 0xC2 }) else {
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

    /// A character beyond ASCII that does something without being seen, and how many bytes it takes.
    private static func acting(
        _ bytes: UnsafeBufferPointer<UInt8>, at position: Int
    ) -> (scalar: UInt32, length: Int)? {
        let lead = bytes[position]
        guard lead >= 0xC2 else { return nil }
        let length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
        guard position + length <= bytes.count else { return nil }
        // Of two bytes the first has five bits of the character, of three four, of four three.
        var scalar = UInt32(lead) & (0x7F >> UInt32(length))
        for offset in 1..<length { scalar = scalar << 6 | UInt32(bytes[position + offset]) & 0x3F }
        return isActing(scalar) ? (scalar, length) : nil
    }

    /// Control characters, ends of lines, and what Unicode calls format characters.
    ///
    /// Directions of writing, joiners, marks of no width and tags change how the text around them looks, or hide text.
    private static func isActing(_ scalar: UInt32) -> Bool {
        switch scalar {
        // U+009B begins a command to a terminal.
        case 0x80...0x9F, 0xAD: true
        case 0x600...0x605, 0x61C, 0x6DD, 0x70F, 0x890...0x891, 0x8E2, 0x180E: true
        case 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F: true
        case 0xFEFF, 0xFFF9...0xFFFB: true
        case 0x110BD, 0x110CD, 0x13430...0x1345F, 0x1BCA0...0x1BCA3, 0x1D173...0x1D17A: true
        case 0xE0000...0xE0FFF: true
        default: false
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
        // Beyond the first plane JSON writes two halves.
        case .json where scalar > 0xFFFF:
            for half in String(Unicode.Scalar(scalar) ?? "\u{FFFD}").utf16 {
                buffer += "\\u\(String(half, radix: 16))".utf8
            }
        case .json: buffer += "\\u\(padded(4))".utf8
        }
    }
}
