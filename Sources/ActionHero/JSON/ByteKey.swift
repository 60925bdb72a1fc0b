// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Text that names something outside of the process, where bytes count: a file, a key in Redis, a member of JSON.
///
/// Swift takes texts for equal whose characters look alike: `é` as one scalar and as two, the sign for kelvin and `K`.
/// Everybody else takes them for two names, and so does this.
package struct ByteKey: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package init(_ text: String) { self.text = text }

    package var description: String { text }

    package static func == (left: Self, right: Self) -> Bool { left.text.isSame(as: right.text) }

    package func hash(into hasher: inout Hasher) {
        let isDone: Void? = text.utf8.withContiguousStorageIfAvailable {
            hasher.combine(bytes: UnsafeRawBufferPointer($0))
        }
        if isDone == nil { for byte in text.utf8 { hasher.combine(byte) } }
        // Ends the text, so that two of them in one value cannot share their bytes out differently.
        hasher.combine(0xFF as UInt8)
    }
}

extension String {
    /// Whether both consist of the same bytes.
    ///
    /// Faster than `==`: nearly all texts differ in length already, and the others need not be normalised.
    package func isSame(as other: String) -> Bool {
        let (ours, theirs) = (utf8, other.utf8)
        guard ours.count == theirs.count else { return false }
        let isEqual = ours.withContiguousStorageIfAvailable { left in
            theirs.withContiguousStorageIfAvailable { right in left.elementsEqual(right) }
        }
        return (isEqual ?? nil) ?? ours.elementsEqual(theirs)
    }
}

extension Sequence<String> {
    /// Whether one of them consists of the same bytes.
    package func containsSame(_ text: String) -> Bool { contains { $0.isSame(as: text) } }
}
