// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Produces a body piece by piece; `write` returns when the connection takes more.
package struct ByteStream: Sendable {
    package typealias Write = @Sendable ([UInt8]) async throws -> Void
    package typealias Produce = @Sendable (_ write: @escaping Write) async throws -> Void
    package let produce: Produce
    /// Whether the stream ends when the process stops, having no end of its own.
    package let endsWithProcess: Bool
    /// What makes whole what has been written; asked for once, when `produce` has returned.
    package let finish: @Sendable () -> [UInt8]

    package init(
        _ produce: @escaping Produce, endsWithProcess: Bool = false,
        finish: @escaping @Sendable () -> [UInt8] = { [] }
    ) {
        self.produce = produce
        self.endsWithProcess = endsWithProcess
        self.finish = finish
    }
}
