// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Converts an input's value before it is validated.
///
/// An error that a formatter throws ends the action at once and is the action's error.
public struct Formatter<Value: Sendable>: Sendable {
    let apply: @Sendable (Value) throws -> Value

    /// Makes a formatter from a function.
    ///
    /// - Parameter apply: Gets the value in the declared type, returns the value to use; runs on the event loop, so it
    ///   must not block.
    public init(_ apply: @escaping @Sendable (Value) throws -> Value) {
        self.apply = apply
    }

    /// Converts with a function given in place: `format: .custom { $0 * 2 }`.
    ///
    /// - Parameter apply: Gets the value in the declared type, returns the value to use.
    /// - Returns: The formatter.
    public static func custom(_ apply: @escaping @Sendable (Value) throws -> Value) -> Self { Formatter(apply) }
}

extension Formatter<String> {
    /// Removes white space at both ends.
    public static var trimmed: Self {
        Formatter { text in
            let start = text.drop(while: \.isWhitespace)
            return String(start.reversed().drop(while: \.isWhitespace).reversed())
        }
    }

    /// Makes all letters small.
    public static var lowercased: Self { Formatter { $0.lowercased() } }

    /// Makes all letters capitals.
    public static var uppercased: Self { Formatter { $0.uppercased() } }
}
