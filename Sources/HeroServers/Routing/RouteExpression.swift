// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroSystem

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
