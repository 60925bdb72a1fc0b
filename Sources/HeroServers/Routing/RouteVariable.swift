// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroSystem

/// A part of a path that becomes a parameter.
package struct RouteVariable: Sendable {
    /// What decides whether it fits; variables that differ in their names only fit the same parts.
    struct Pattern: Hashable {
        let prefix: ByteKey
        let expression: ByteKey?
    }

    package let name: String
    /// Text that the part must contain and that is not part of the value.
    let prefix: String
    let expression: RouteExpression?

    init(name: Substring, prefix: String, expression: RouteExpression?) throws(RouteFault) {
        guard !name.isEmpty else { throw RouteFault(description: "has a colon without a name behind it") }
        self.name = String(name)
        self.prefix = prefix
        self.expression = expression
    }

    var pattern: Pattern { Pattern(prefix: ByteKey(prefix), expression: (expression?.text).map(ByteKey.init)) }
    var fitsEverything: Bool { prefix.isEmpty && expression == nil }

    /// - Parameter part: As it was sent; a plus stands for a space.
    /// - Returns: What it takes of the part; `nil` when it does not fit.
    func capture(_ part: String) -> RouteCapture? {
        // `/user//` has no user: an empty part is no value.
        guard !part.isEmpty else { return nil }
        let decoded = PercentEncoding.decode(part.utf8, plusIsSpace: true)
        var value = decoded ?? part
        if !prefix.isEmpty {
            var bytes = Array(value.utf8)
            guard let range = bytes.firstRange(of: prefix.utf8) else { return nil }
            bytes.removeSubrange(range)
            value = String(decoding: bytes, as: UTF8.self)
        }
        if let expression, !expression.matches(value) { return nil }
        return RouteCapture(value: decoded == nil ? nil : value)
    }
}
