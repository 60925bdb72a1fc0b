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
