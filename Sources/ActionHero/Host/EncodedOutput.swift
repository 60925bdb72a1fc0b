// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// An action's output after its `encode(to:)` has run, so that nothing can fail any more while it is written.
package struct EncodedOutput: @unchecked Sendable {
    // Unchecked: the nodes are classes, but nobody changes them once `init` has returned.
    private let slot: JSONNode.Slot

    /// - Throws: What ``JSON/init(_:)-swift.init`` throws.
    package init(_ output: some Encodable) throws {
        slot = try JSONEncoding.node(of: output)
    }

    package var json: JSON { slot.json }

    /// Whether the output is an object with such a member.
    package func hasMember(_ name: String) -> Bool { slot.hasMember(name) }

    /// Writes the members of an object, without its braces.
    ///
    /// - Returns: `false`, and nothing is written, when the output is not an object.
    package func writeMembers(to writer: inout JSONWriter, isFirst: inout Bool) -> Bool {
        slot.writeMembers(to: &writer, isFirst: &isFirst)
    }

    package func write(to writer: inout JSONWriter) { slot.write(to: &writer) }
}
