// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Appends JSON text to a byte buffer, byte for byte as JavaScript's `JSON.stringify` would.
package struct JSONWriter: Sendable {
    /// What has been written so far; UTF-8.
    package var bytes: [UInt8] = []
    private let indent: Int?
    private var depth: Int

    /// - Parameters:
    ///   - indent: Spaces per level, at most 10; `nil` and 0 write everything on one line.
    ///   - depth: How many levels of objects are open already around what will be written.
    ///   - capacity: Bytes to make room for.
    package init(indent: Int?, depth: Int = 0, capacity: Int = 0) {
        self.indent = indent.flatMap { $0 > 0 ? min($0, 10) : nil }
        self.depth = depth
        bytes.reserveCapacity(capacity)
    }

    /// Goes on writing where others have begun.
    ///
    /// - Parameters:
    ///   - bytes: What stands there already; the writer takes it over, so that nothing is copied, and leaves nothing.
    ///   - indent: Spaces per level, at most 10; `nil` and 0 write everything on one line.
    ///   - depth: How many levels of objects are open already around what will be written.
    package init(takingOver bytes: inout [UInt8], indent: Int?, depth: Int = 0) {
        self.init(indent: indent, depth: depth)
        swap(&self.bytes, &bytes)
    }

    package mutating func write(_ value: JSON) {
        switch value {
        case .null: write(literal: "null")
        case .bool(let value): write(literal: value ? "true" : "false")
        case .integer(let value): write(value)
        case .number(let value): write(value)
        case .string(let value): write(value)
        case .array(let elements):
            beginArray()
            for (position, element) in elements.enumerated() {
                separate(isFirst: position == 0)
                write(element)
            }
            endArray(isEmpty: elements.isEmpty)
        case .object(let object): write(object)
        }
    }

    package mutating func write(_ object: JSON.Object) {
        if let literal = object.storage.literal {
            write(literal: literal)
            return
        }
        beginObject()
        var isFirst = true
        for (name, value) in object {
            write(name: name, isFirst: isFirst)
            write(value)
            isFirst = false
        }
        endObject(isEmpty: isFirst)
    }

    package mutating func write(_ value: Int) {
        // Written backwards into 20 places, which hold every 64-bit integer with its sign.
        var magnitude = value.magnitude
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var position = 20
            repeat {
                position -= 1
                let (quotient, remainder) = magnitude.quotientAndRemainder(dividingBy: 10)
                digits[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: remainder)
                magnitude = quotient
            } while magnitude > 0
            if value < 0 {
                position -= 1
                digits[position] = UInt8(ascii: "-")
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: digits[position..<20]))
        }
    }

    package mutating func write(_ value: Double) {
        if let integer = Int(exactly: value), integer.magnitude < 1 << 53 {
            write(integer)
        } else if value.isFinite {
            JavaScriptNumber.append(value, to: &bytes)
        } else {
            write(literal: "null")
        }
    }

    package mutating func write(_ value: String) {
        bytes.append(UInt8(ascii: "\""))
        var value = value
        value.withUTF8 { appendEscaped($0) }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Appends text that needs no escaping and no quotes.
    package mutating func write(literal: String) {
        bytes.append(contentsOf: literal.utf8)
    }

    private mutating func appendEscaped(_ text: UnsafeBufferPointer<UInt8>) {
        var plainStart = 0
        for position in text.indices {
            let byte = text[position]
            guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[plainStart..<position]))
            appendEscape(byte)
            plainStart = position + 1
        }
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[plainStart...]))
    }

    private mutating func appendEscape(_ byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        default:
            let digits: StaticString = "0123456789abcdef"
            write(literal: "u00")
            bytes.append(digits.utf8Start[Int(byte >> 4)])
            bytes.append(digits.utf8Start[Int(byte & 15)])
        }
    }
}

// Structure: callers that write members themselves keep the order begin, (name, value)…, end.
extension JSONWriter {
    package mutating func beginObject() {
        bytes.append(UInt8(ascii: "{"))
        depth += 1
    }

    package mutating func endObject(isEmpty: Bool) {
        depth -= 1
        if !isEmpty { newLine() }
        bytes.append(UInt8(ascii: "}"))
    }

    package mutating func write(name: String, isFirst: Bool) {
        separate(isFirst: isFirst)
        write(name)
        bytes.append(UInt8(ascii: ":"))
        if indent != nil { bytes.append(UInt8(ascii: " ")) }
    }

    mutating func beginArray() {
        bytes.append(UInt8(ascii: "["))
        depth += 1
    }

    mutating func endArray(isEmpty: Bool) {
        depth -= 1
        if !isEmpty { newLine() }
        bytes.append(UInt8(ascii: "]"))
    }

    mutating func separate(isFirst: Bool) {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        newLine()
    }

    private mutating func newLine() {
        guard let indent else { return }
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: depth * indent))
    }
}
