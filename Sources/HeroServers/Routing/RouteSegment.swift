// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroSystem

/// A part of a route's path between slashes.
package enum RouteSegment: Sendable {
    /// Compared without regard to capitals; kept in small letters.
    case literal(String)
    case variable(RouteVariable)

    init(_ text: String) throws(RouteFault) {
        guard let colon = text.firstIndex(of: ":") else {
            self = .literal(PathPart.withoutCapitals(PathPart.decoded(text)))
            return
        }
        let prefix = PathPart.decoded(String(text[..<colon]))
        let rest = text[text.index(after: colon)...]
        guard let parenthesis = rest.firstIndex(of: "(") else {
            self = .variable(try RouteVariable(name: rest, prefix: prefix, expression: nil))
            return
        }
        guard rest.hasSuffix(")") else {
            throw RouteFault(
                description: "has the part '\(text)', whose parenthesis is not closed at its end; a regular expression"
                    + " cannot contain a slash")
        }
        let expression = rest[rest.index(after: parenthesis)...].dropLast()
        self = .variable(
            try RouteVariable(
                name: rest[..<parenthesis], prefix: prefix, expression: try RouteExpression(String(expression))))
    }
}

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

/// A regular expression of a route, compiled once.
struct RouteExpression: Sendable {
    private let expression: LinearExpression

    init(_ text: String) throws(RouteFault) {
        do throws(LinearExpressionError) {
            expression = try LinearExpression(text)
        } catch {
            throw RouteFault(description: "has the regular expression '\(text)', which is not valid: \(error)")
        }
    }

    var text: String { expression.text }

    /// Whether it matches anywhere in the text.
    func matches(_ text: String) -> Bool { expression.matches(text) }
}
