// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import CHero
internal import Glibc

/// Symbols as a person can read them.
enum Demangling {
    /// - Parameter symbol: A mangled name, or any other, which comes back unchanged.
    /// - Returns: The name as it stands in source code.
    static func readable(_ symbol: String) -> String {
        guard let text = hero_demangle(symbol, symbol.utf8.count) else { return symbol }
        defer { free(text) }
        return shortened(String(cString: text))
    }

    /// `property descriptor for ActionHero.Context.foo : Swift.Int` says more than a person needs: the declaration.
    private static func shortened(_ text: String) -> String {
        for prefix in prefixes where text.hasPrefix(prefix) {
            return shortened(String(text.dropFirst(prefix.count)))
        }
        return text
    }

    private static let prefixes = [
        "property descriptor for ", "method descriptor for ", "dispatch thunk of ", "nominal type descriptor for ",
        "type metadata accessor for ", "type metadata for ", "protocol descriptor for ",
        "protocol requirements base descriptor for ", "enum case for ", "protocol conformance descriptor for ",
        "protocol witness table for ", "associated type descriptor for ", "associated conformance descriptor for ",
        "base conformance descriptor for ", "async function pointer to ", "default argument 0 of ", "static ",
    ]
}
