// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// The bytes of a member of an object, as somebody has written them.
///
/// Records of other programs have jobs in them, whose bytes are what the job is found by; `1.0` would be `1` if it were
/// written anew.
enum RawMember {
    /// - Parameters:
    ///   - name: The member's name, which has nothing to escape.
    ///   - object: An object of JSON that has been read before, so that it is known to be well-formed.
    /// - Returns: The value of the last member of this name; `nil` when there is none, or its name is spelled with escapes.
    static func value(of name: String, in object: [UInt8]) -> [UInt8]? {
        var found: [UInt8]?
        /// Of the outermost object: the latest string, which is a name when a colon follows, and where a wanted value began.
        var (string, start): (ArraySlice<UInt8>, Int?) = ([], nil)
        var (depth, index) = (0, object.startIndex)
        while index < object.endIndex {
            switch object[index] {
            case UInt8(ascii: "\""):
                let end = endOfString(object, index)
                if depth == 1 { string = object[index...end] }
                index = end
            case UInt8(ascii: ":") where depth == 1:
                if string.elementsEqual(quoted(name)) { start = index + 1 }
            case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 1, let first = start.take() { found = trimmed(object[first..<index]) }
                if object[index] != UInt8(ascii: ",") { depth -= 1 }
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            default: break
            }
            index += 1
        }
        return found
    }

    private static func quoted(_ name: String) -> [UInt8] {
        [UInt8(ascii: "\"")] + name.utf8 + [UInt8(ascii: "\"")]
    }

    private static func endOfString(_ bytes: [UInt8], _ start: Int) -> Int {
        var index = start + 1
        while index < bytes.endIndex, bytes[index] != UInt8(ascii: "\"") {
            index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        return min(index, bytes.endIndex - 1)
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        let isSpace = { (byte: UInt8) in byte <= 0x20 }
        guard let first = bytes.firstIndex(where: { !isSpace($0) }), let last = bytes.lastIndex(where: { !isSpace($0) })
        else { return [] }
        return Array(bytes[first...last])
    }
}
