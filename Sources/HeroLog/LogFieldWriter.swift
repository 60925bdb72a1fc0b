// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
internal import HeroSystem

/// Appends the fields of a line in the destination's format.
///
/// Values that say nothing are left out.
package struct LogFieldWriter {
    private(set) var buffer: [UInt8]
    private let isJSON: Bool

    package init(buffer: [UInt8], isJSON: Bool) {
        self.buffer = buffer
        self.isJSON = isJSON
    }

    package mutating func add(_ name: StaticString, _ text: String) {
        guard isJSON || !text.isEmpty else { return }
        begin(name)
        append(text)
    }

    package mutating func add(_ name: StaticString, _ number: Int) {
        begin(name)
        buffer += String(number).utf8
    }

    /// Adds an object as the text of its JSON.
    package mutating func add(_ name: StaticString, textOf object: JSON.Object) {
        begin(name)
        var writer = JSONWriter(indent: nil)
        writer.write(object)
        if isJSON {
            appendQuoted(String(decoding: writer.bytes, as: UTF8.self))
        } else {
            // JSON escapes control characters up to U+001F only.
            PlainText.append(String(decoding: writer.bytes, as: UTF8.self), to: &buffer)
        }
    }

    package mutating func add(_ name: String, _ value: JSON) {
        if isJSON {
            buffer.append(UInt8(ascii: ","))
            appendQuoted(Self.isTaken(name) ? "data.\(name)" : name)
            buffer.append(UInt8(ascii: ":"))
            PlainText.append(json: Array(value.description.utf8), to: &buffer)
            return
        }
        switch value {
        case .null, .string(""): return
        case .string(let text):
            beginLine(name)
            append(text)
        case .bool, .integer, .number, .array, .object:
            beginLine(name)
            append(value.description)
        }
    }

    /// Whether the line itself has a member of that name: of two a reader takes the last, so whoever chooses names, as other
    /// processes do for their messages, could say what level and time a line has.
    private static func isTaken(_ name: String) -> Bool {
        name == "level" || name == "message" || name == "timestamp"
    }

    private mutating func begin(_ name: StaticString) {
        buffer.append(isJSON ? UInt8(ascii: ",") : UInt8(ascii: " "))
        if isJSON { buffer.append(UInt8(ascii: "\"")) }
        buffer.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        if isJSON {
            buffer.append(UInt8(ascii: "\""))
            buffer.append(UInt8(ascii: ":"))
        } else {
            buffer.append(UInt8(ascii: "="))
        }
    }

    private mutating func beginLine(_ name: String) {
        buffer.append(UInt8(ascii: " "))
        append(name)
        buffer.append(UInt8(ascii: "="))
    }

    private mutating func append(_ text: String) {
        if isJSON { appendQuoted(text) } else { PlainText.append(text, to: &buffer) }
    }

    private mutating func appendQuoted(_ text: String) {
        var writer = JSONWriter(indent: nil)
        writer.write(text)
        PlainText.append(json: writer.bytes, to: &buffer)
    }
}
