// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// What may stand behind the size of a chunk: `;name`, `;name=token`, `;name="text"`, any number of them, with blanks before
/// and behind the semicolon and the equals sign (RFC 9112, 7.1.1).
///
/// Otherwise as strict as llhttp, so that nothing in them is the end of a line, or of a chunk, to another parser.
enum HTTPChunkExtensions {
    static func areValid(_ bytes: ByteBufferView) -> Bool {
        var rest = bytes[...]
        while true {
            skipBlanks(&rest)
            guard rest.popFirst() == UInt8(ascii: ";") else { return false }
            skipBlanks(&rest)
            let name = rest.prefix(while: HTTPCharacter.isToken)
            guard !name.isEmpty else { return false }
            rest = rest[name.endIndex...]
            if rest.isEmpty { return true }
            // Blanks belong to what follows them, and are none of an extension's at its end.
            let behindName = rest
            skipBlanks(&rest)
            if rest.first == UInt8(ascii: "=") {
                rest = rest.dropFirst()
                skipBlanks(&rest)
                guard skipValue(&rest) else { return false }
            } else {
                rest = behindName
            }
            if rest.isEmpty { return true }
        }
    }

    private static func skipBlanks(_ rest: inout ByteBufferView.SubSequence) {
        rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    }

    private static func skipValue(_ rest: inout ByteBufferView.SubSequence) -> Bool {
        guard rest.first == UInt8(ascii: "\"") else {
            rest = rest.drop(while: HTTPCharacter.isToken)
            return true
        }
        rest = rest.dropFirst()
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\"") { return true }
            let text = byte == UInt8(ascii: "\\") ? rest.popFirst() : byte
            guard let text, HTTPCharacter.isFieldValue(text) else { return false }
        }
        return false
    }
}
