// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A pattern as Redis has them: `*`, `?`, `[a-z]`, `[^a]`, and `\` before what is meant literally.
struct GlobPattern: Sendable {
    private enum Part: Sendable {
        case any
        case one
        case byte(UInt8)
        case set([ClosedRange<UInt8>], isNegated: Bool)
    }

    private let parts: [Part]

    init(_ pattern: String) {
        var (parts, rest) = ([Part](), Array(pattern.utf8)[...])
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "*"): parts.append(.any)
            case UInt8(ascii: "?"): parts.append(.one)
            case UInt8(ascii: "["): parts.append(Self.set(&rest))
            case UInt8(ascii: "\\"): parts.append(.byte(rest.popFirst() ?? byte))
            default: parts.append(.byte(byte))
            }
        }
        self.parts = parts
    }

    /// A pattern that fits everything that begins with a text.
    static func prefix(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            if "*?[]\\^-".unicodeScalars.contains(character) { escaped.unicodeScalars.append("\\") }
            escaped.unicodeScalars.append(character)
        }
        return escaped + "*"
    }

    private static func set(_ rest: inout ArraySlice<UInt8>) -> Part {
        let isNegated = rest.first == UInt8(ascii: "^")
        if isNegated { rest.removeFirst() }
        var ranges: [ClosedRange<UInt8>] = []
        while var low = rest.popFirst(), low != UInt8(ascii: "]") {
            if low == UInt8(ascii: "\\"), let literal = rest.popFirst() { low = literal }
            if rest.first == UInt8(ascii: "-"), rest.count > 1 {
                rest.removeFirst()
                let high = rest.removeFirst()
                ranges.append(min(low, high)...max(low, high))
            } else {
                ranges.append(low...low)
            }
        }
        return .set(ranges, isNegated: isNegated)
    }

    /// Goes back to the last star only, so that no pattern takes more than the product of both lengths.
    func matches(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        var (part, byte, star, resume) = (0, 0, -1, 0)
        while byte < bytes.count {
            if part < parts.count, case .any = parts[part] {
                (star, resume) = (part, byte)
                part += 1
            } else if part < parts.count, fits(parts[part], bytes[byte]) {
                part += 1
                byte += 1
            } else if star >= 0 {
                resume += 1
                (part, byte) = (star + 1, resume)
            } else {
                return false
            }
        }
        return parts[part...].allSatisfy { if case .any = $0 { true } else { false } }
    }

    private func fits(_ part: Part, _ byte: UInt8) -> Bool {
        switch part {
        case .any: false
        case .one: true
        case .byte(let wanted): byte == wanted
        case .set(let ranges, let isNegated): ranges.contains { $0.contains(byte) } != isNegated
        }
    }
}
