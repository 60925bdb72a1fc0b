// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// An action's output after its `encode(to:)` has run, so that nothing can fail any more while it is written.
///
/// A class, so that the response that holds it is moved about at the price of one reference.
package final class EncodedOutput: @unchecked Sendable {
    // Unchecked: the nodes are classes, but nobody changes them once `init` has returned.
    private let slot: JSONNode.Slot

    /// - Throws: What ``JSON/init(_:)-swift.init`` throws.
    package init(_ output: some Encodable) throws {
        slot = try JSONEncoding.node(of: output)
    }

    package var json: JSON { slot.json }

    /// Whether the output is an object with such a member.
    package func hasMember(_ name: String) -> Bool { slot.hasMember(name) }

    package init(_ value: JSON) {
        slot = .value(value)
    }

    /// Writes the beginning of an object, up to and without its closing brace, so that more members can follow.
    ///
    /// - Parameters:
    ///   - bytes: Where it is appended; unchanged when the output is not an object.
    ///   - indent: Spaces per level; `nil` for everything on one line.
    /// - Returns: Whether no member stands in it; `nil` when the output is not an object.
    package func openObject(in bytes: inout [UInt8], indent: Int?) -> Bool? {
        let start = bytes.count
        var writer = JSONWriter(takingOver: &bytes, indent: indent)
        defer { swap(&bytes, &writer.bytes) }
        writer.beginObject()
        var isFirst = true
        guard slot.writeMembers(to: &writer, isFirst: &isFirst) else {
            writer.bytes.removeSubrange(start...)
            return nil
        }
        return isFirst
    }
}
