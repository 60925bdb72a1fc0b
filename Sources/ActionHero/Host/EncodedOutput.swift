// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// An action's output after its `encode(to:)` has run, so that nothing can fail any more while it is written.
@_spi(Host)
public struct EncodedOutput {
    private let slot: JSONNode.Slot

    /// - Throws: What ``JSON/init(_:)-swift.init`` throws.
    public init(_ output: some Encodable) throws {
        slot = try JSONEncoding.node(of: output)
    }

    public var json: JSON { slot.json }

    /// Writes the members of an object, without its braces.
    ///
    /// - Returns: `false`, and nothing is written, when the output is not an object.
    public func writeMembers(to writer: inout JSONWriter, isFirst: inout Bool) -> Bool {
        slot.writeMembers(to: &writer, isFirst: &isFirst)
    }

    public func write(to writer: inout JSONWriter) { slot.write(to: &writer) }
}
