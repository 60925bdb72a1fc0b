// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

/// Finds the route of a request.
///
/// Routes of one method form a tree of segments, so looking one up costs as much as the path has segments, however many
/// routes there are.
package struct Router: Sendable {
    /// Methods that routes can be given for.
    package static let methods = ["head", "get", "patch", "post", "put", "delete"]

    private var trees: [String: RouteTree] = [:]
    private var count = 0

    package init() {}

    /// - Parameters:
    ///   - configuration: `config/routes.yml`.
    ///   - automaticMethods: Methods for which each action gets the route `/name`.
    ///   - actions: Names of actions.
    package init(_ configuration: RoutesConfiguration, automaticMethods: [String], actions: [String]) {
        for (method, routes) in configuration.byMethod {
            for route in routes { add(route, method: method) }
        }
        for method in automaticMethods {
            for action in actions { add(Route(path: "/\(action)", action: action), method: method) }
        }
    }

    /// Adds a route; of several that fit a request the first one wins.
    ///
    /// - Parameters:
    ///   - route: What to find.
    ///   - method: In small letters; `all` stands for every method.
    package mutating func add(_ route: Route, method: String) {
        for method in method == "all" ? Self.methods : [method] {
            trees[method, default: RouteTree()].insert(route, order: count)
        }
        count += 1
    }

    /// - Parameters:
    ///   - method: In small letters.
    ///   - segments: The path's parts between slashes.
    /// - Returns: `nil` when no route fits.
    package func match(method: String, segments: [String]) -> RouteMatch? {
        trees[method]?.match(segments)
    }
}

/// `config/routes.yml`.
package struct RoutesConfiguration: Decodable, Sendable {
    let all: [Route]
    let get: [Route]
    let post: [Route]
    let put: [Route]
    let patch: [Route]
    let delete: [Route]
    let head: [Route]

    /// In the order in which the reference reads them.
    var byMethod: [(String, [Route])] {
        [
            ("all", all), ("get", get), ("post", post), ("put", put), ("patch", patch), ("delete", delete),
            ("head", head),
        ]
    }
}

/// The routes of one method.
struct RouteTree: Sendable {
    private struct Node: Sendable {
        var literals: [String: Int] = [:]
        var variables: [(segment: RouteSegment, child: Int)] = []
        /// Routes that end here.
        var routes: [(order: Int, route: Route)] = []
        /// Routes that end here and take what follows.
        var trailing: [(order: Int, route: Route)] = []
    }

    private struct Best {
        let order: Int
        let match: RouteMatch
    }

    /// Children are positions in this list; the root is the first.
    private var nodes = [Node()]

    mutating func insert(_ route: Route, order: Int) {
        var position = 0
        for segment in Route.segments(of: route.path).map(RouteSegment.init) {
            position = child(of: position, for: segment)
        }
        if route.matchTrailingPathParts {
            nodes[position].trailing.append((order, route))
        } else {
            nodes[position].routes.append((order, route))
        }
    }

    private mutating func child(of position: Int, for segment: RouteSegment) -> Int {
        if case .literal(let text) = segment, let known = nodes[position].literals[text] { return known }
        if let known = nodes[position].variables.first(where: { $0.segment == segment }) { return known.child }
        nodes.append(Node())
        let child = nodes.count - 1
        if case .literal(let text) = segment {
            nodes[position].literals[text] = child
        } else {
            nodes[position].variables.append((segment, child))
        }
        return child
    }

    func match(_ segments: [String]) -> RouteMatch? {
        var best: Best?
        visit(0, segments[...], captures: [], last: nil, &best)
        return best?.match
    }

    /// - Parameters:
    ///   - position: The node.
    ///   - rest: The segments that no node above has consumed.
    ///   - captures: The variables above.
    ///   - last: The variable that led to this node, which a trailing route extends over all that follows.
    ///   - best: The match with the lowest order so far.
    private func visit(
        _ position: Int, _ rest: ArraySlice<String>, captures: [(name: String, value: String)],
        last: (segment: RouteSegment, from: ArraySlice<String>)?, _ best: inout Best?
    ) {
        let node = nodes[position]
        if rest.isEmpty { consider(node.routes, captures, &best) }
        if !node.trailing.isEmpty { considerTrailing(node.trailing, captures, last, &best) }
        guard let segment = rest.first else { return }
        if let child = node.literals[segment.isLowercase ? segment : segment.lowercased()] {
            visit(child, rest.dropFirst(), captures: captures, last: nil, &best)
        }
        for (variable, child) in node.variables {
            guard case .variable(let name, _, _) = variable else { continue }
            if let value = variable.capture(segment) {
                visit(
                    child, rest.dropFirst(), captures: captures + [(name, value)], last: (variable, rest), &best)
            } else if !nodes[child].trailing.isEmpty {
                // The expression may fit the whole rest although it does not fit its first part.
                considerTrailing(nodes[child].trailing, captures + [(name, "")], (variable, rest), &best)
            }
        }
    }

    private func consider(
        _ routes: [(order: Int, route: Route)], _ captures: [(name: String, value: String)], _ best: inout Best?
    ) {
        guard let first = routes.first, first.order < best?.order ?? .max else { return }
        best = Best(order: first.order, match: RouteMatch(route: first.route, captures: captures))
    }

    private func considerTrailing(
        _ routes: [(order: Int, route: Route)], _ captures: [(name: String, value: String)],
        _ last: (segment: RouteSegment, from: ArraySlice<String>)?, _ best: inout Best?
    ) {
        guard let last else { return consider(routes, captures, &best) }
        guard let value = last.segment.capture(last.from.joined(separator: "/")), let name = captures.last?.name else {
            return
        }
        consider(routes, captures.dropLast() + [(name, value)], &best)
    }
}

extension String {
    fileprivate var isLowercase: Bool {
        utf8.allSatisfy { $0 < UInt8(ascii: "A") || $0 > UInt8(ascii: "Z") && $0 < 0x80 }
    }
}
