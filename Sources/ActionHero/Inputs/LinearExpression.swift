// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import CExpressions

/// A regular expression whose search takes time in proportion to the text, whatever both are.
///
/// Swift's own engine goes back and tries again: `^(a+)+$` keeps it busy for minutes over thirty letters, and so does a
/// client who knows of it. RE2 (docs/decisions/re2.md) never does, and has neither references back nor a look around.
package final class LinearExpression: @unchecked Sendable {
    // Unchecked: RE2 lets several threads search with one object, and nothing changes it.
    private let compiled: OpaquePointer
    package let text: String

    /// - Throws: ``LinearExpressionError``.
    package init(_ text: String) throws(LinearExpressionError) {
        self.text = text
        let pattern = try ExpressionSyntax.translated(text)
        var reason = [CChar](repeating: 0, count: 256)
        let capacity = reason.count
        let compiled = Self.withCharacters(of: String(decoding: pattern, as: UTF8.self)) { start, count in
            hero_expression_compile(start, count, &reason, capacity)
        }
        guard let compiled else {
            let end = reason.firstIndex(of: 0) ?? reason.endIndex
            throw LinearExpressionError(
                description: String(decoding: reason[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self))
        }
        self.compiled = compiled
    }

    deinit { hero_expression_free(compiled) }

    /// Whether it matches anywhere in the text.
    package func matches(_ text: String) -> Bool {
        Self.withCharacters(of: text) { start, count in hero_expression_matches(compiled, start, count) == 1 }
    }

    private static func withCharacters<Result>(
        of text: String, _ body: (UnsafePointer<CChar>, Int) -> Result
    ) -> Result {
        var text = text
        return text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                guard let start = characters.baseAddress else { return "".withCString { body($0, 0) } }
                return body(start, characters.count)
            }
        }
    }
}

/// Why an expression cannot be used.
package struct LinearExpressionError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String
}
