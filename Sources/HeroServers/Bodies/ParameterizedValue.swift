// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A header's value with parameters: `multipart/form-data; boundary="x"`, `form-data; name="a"`.
struct ParameterizedValue {
    /// What stands before the first semicolon, in small letters.
    let value: String
    /// Names in small letters, quotes and escapes removed, in order.
    let parameters: [(name: String, value: String)]

    /// `nil` when it cannot be read, or when a parameter is there twice.
    ///
    /// - Parameter text: The header's value.
    init?(_ text: String) {
        var scanner = Scanner(bytes: Array(text.utf8))
        let word = scanner.word { $0 != UInt8(ascii: ";") }
        value = Scanner.trimmed(word).lowercased()
        var parameters: [(name: String, value: String)] = []
        while scanner.consume(UInt8(ascii: ";")) {
            scanner.skipSpace()
            // A semicolon behind the last parameter separates nothing.
            if scanner.isAtEnd || scanner.isAt(UInt8(ascii: ";")) { continue }
            guard let parameter = scanner.parameter(),
                !parameters.contains(where: { $0.name == parameter.name })
            else { return nil }
            parameters.append(parameter)
            scanner.skipSpace()
        }
        guard scanner.isAtEnd else { return nil }
        self.parameters = parameters
    }

    subscript(name: String) -> String? { parameters.first { $0.name == name }?.value }

    private struct Scanner {
        let bytes: [UInt8]
        var position = 0

        var isAtEnd: Bool { position == bytes.count }
        func isAt(_ byte: UInt8) -> Bool { position < bytes.count && bytes[position] == byte }

        mutating func consume(_ byte: UInt8) -> Bool {
            guard isAt(byte) else { return false }
            position += 1
            return true
        }

        mutating func skipSpace() {
            while isAt(0x20) || isAt(0x09) { position += 1 }
        }

        mutating func word(_ belongs: (UInt8) -> Bool) -> ArraySlice<UInt8> {
            let start = position
            while position < bytes.count, belongs(bytes[position]) { position += 1 }
            return bytes[start..<position]
        }

        static func trimmed(_ bytes: ArraySlice<UInt8>) -> String {
            let text = bytes.drop { $0 == 0x20 || $0 == 0x09 }
            let end = text.lastIndex { $0 != 0x20 && $0 != 0x09 }.map { $0 + 1 } ?? text.startIndex
            return String(decoding: text[..<end], as: UTF8.self)
        }

        mutating func parameter() -> (name: String, value: String)? {
            let name = word(HTTPCharacter.isToken)
            guard !name.isEmpty, consume(UInt8(ascii: "=")) else { return nil }
            let key = String(decoding: name, as: UTF8.self).lowercased()
            if consume(UInt8(ascii: "\"")) {
                guard let text = quotedText() else { return nil }
                return (key, text)
            }
            let text = word { $0 != UInt8(ascii: ";") }
            return text.contains(UInt8(ascii: "\"")) ? nil : (key, Self.trimmed(text))
        }

        /// Old browsers send Windows paths with bare backslashes, so only quotes and backslashes count as escaped.
        private mutating func quotedText() -> String? {
            var text: [UInt8] = []
            while position < bytes.count {
                let byte = bytes[position]
                position += 1
                switch byte {
                case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
                case UInt8(ascii: "\\") where isAt(UInt8(ascii: "\"")) || isAt(UInt8(ascii: "\\")):
                    text.append(bytes[position])
                    position += 1
                default: text.append(byte)
                }
            }
            return nil
        }
    }
}
