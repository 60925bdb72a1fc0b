// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroSystem

/// A route that fits a request.
package struct RouteMatch: Sendable {
    package let route: RouteRecord
    /// Values of the variables, decoded; `nil` for one that cannot be.
    package let captures: [(name: String, value: String?)]
}

/// The routes of one method as a tree of segments.
///
/// Looking a path up visits the nodes that fit its beginning. Literals and variables that take anything cost one look-up
/// each, however many routes there are; variables with a prefix or an expression are tried one after the other.
struct RouteTree: Sendable {
    private struct Ending: Sendable {
        let order: Int
        let route: RouteRecord
    }

    private struct Node: Sendable {
        var literals: [ByteKey: Int] = [:]
        /// Behind a variable that takes anything.
        var anything: Int?
        var patterns: [(variable: RouteVariable, child: Int)] = []
        /// The route that ends here.
        var ending: Ending?
        /// The route whose last segment, a literal, is here, and that takes what follows.
        var trailing: Ending?
        /// Routes whose last segment is a variable that takes all that follows this node.
        var takingRest: [(variable: RouteVariable, ending: Ending)] = []
    }

    private struct Search {
        let parts: [PathPart]
        var values: [String?] = []
        var best: (ending: Ending, values: [String?])?

        mutating func consider(_ ending: Ending, _ values: [String?]) {
            if ending.order < best?.ending.order ?? .max { best = (ending, values) }
        }
    }

    /// Children are positions in this list; the root is the first.
    private var nodes = [Node()]

    /// Adds a route, unless one that fits the same paths is there.
    ///
    /// - Parameters:
    ///   - route: What to find.
    ///   - order: Of several routes that fit, that with the lowest is found.
    /// - Returns: The route that is there already, or `nil`.
    mutating func insert(_ route: RouteRecord, order: Int) -> RouteRecord? {
        let ending = Ending(order: order, route: route)
        var segments = route.segments[...]
        var rest: RouteVariable?
        if route.matchTrailingPathParts, case .variable(let variable)? = segments.last {
            rest = variable
            segments = segments.dropLast()
        }
        var position = 0
        for segment in segments { position = child(of: position, for: segment) }
        if let rest {
            let known = nodes[position].takingRest.first { $0.variable.pattern == rest.pattern }
            if known == nil { nodes[position].takingRest.append((rest, ending)) }
            return known?.ending.route
        }
        let slot = route.matchTrailingPathParts ? \Node.trailing : \Node.ending
        if let known = nodes[position][keyPath: slot] { return known.route }
        nodes[position][keyPath: slot] = ending
        return nil
    }

    private mutating func child(of position: Int, for segment: RouteSegment) -> Int {
        switch segment {
        case .literal(let text):
            if let known = nodes[position].literals[ByteKey(text)] { return known }
            nodes[position].literals[ByteKey(text)] = nodes.count
        case .variable(let variable) where variable.fitsEverything:
            if let known = nodes[position].anything { return known }
            nodes[position].anything = nodes.count
        case .variable(let variable):
            if let known = nodes[position].patterns.first(where: { $0.variable.pattern == variable.pattern }) {
                return known.child
            }
            nodes[position].patterns.append((variable, nodes.count))
        }
        nodes.append(Node())
        return nodes.count - 1
    }

    func match(_ parts: [String]) -> RouteMatch? {
        var search = Search(parts: parts.map(PathPart.init))
        visit(0, depth: 0, &search)
        guard let best = search.best else { return nil }
        let route = best.ending.route
        let captures = best.values.isEmpty ? [] : zip(route.variables, best.values).map { ($0.name, $1) }
        return RouteMatch(route: route, captures: captures)
    }

    private func visit(_ position: Int, depth: Int, _ search: inout Search) {
        let node = nodes[position]
        if let trailing = node.trailing { search.consider(trailing, search.values) }
        guard depth < search.parts.count else {
            if let ending = node.ending { search.consider(ending, search.values) }
            return
        }
        if !node.takingRest.isEmpty {
            let rest = search.parts[depth...].map(\.raw).joined(separator: "/")
            for (variable, ending) in node.takingRest {
                if let capture = variable.capture(rest) { search.consider(ending, search.values + [capture.value]) }
            }
        }
        let part = search.parts[depth]
        if let child = node.literals[ByteKey(PathPart.withoutCapitals(part.text))] {
            visit(child, depth: depth + 1, &search)
        }
        if let child = node.anything, !part.raw.isEmpty {
            let value = PercentEncoding.decode(part.raw.utf8, plusIsSpace: true)
            visit(child, depth: depth + 1, taking: value, &search)
        }
        for (variable, child) in node.patterns {
            if let capture = variable.capture(part.raw) {
                visit(child, depth: depth + 1, taking: capture.value, &search)
            }
        }
    }

    private func visit(_ position: Int, depth: Int, taking value: String?, _ search: inout Search) {
        search.values.append(value)
        visit(position, depth: depth, &search)
        search.values.removeLast()
    }
}
