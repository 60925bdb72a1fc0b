// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroBundles
package import HeroRuntime

/// Finds the route of a request.
package struct Router: Sendable {
    /// Methods that routes can be given for.
    package static let methods = ["get", "head", "post", "put", "patch", "delete"]

    /// Two routes that fit the same requests, of which the second can never be reached.
    package struct Conflict {
        package let method: String
        let first: RouteRecord
        let second: RouteRecord

        /// For messages: method and path.
        var subject: String { "\(method.uppercased()) \(second.path)" }
    }

    /// By method.
    private var actions: [String: RouteTree] = [:]
    private var directories: [String: RouteTree] = [:]
    private var count = 0

    package init() {}

    /// - Parameters:
    ///   - configuration: `config/routes.yml`.
    ///   - automaticMethods: Methods for which actions without a route get the route `/name`.
    ///   - actions: All of them.
    package init(_ configuration: RoutesConfiguration, automaticMethods: [String], actions: ActionRegistry) {
        for entry in RouteEntry.all(configuration, automaticMethods: automaticMethods, actions: actions) {
            _ = add(entry.route, methods: entry.methods)
        }
    }

    /// Methods that a name in the configuration stands for.
    static func methods(_ name: String) -> [String] { name == "all" ? methods : [name] }

    /// Adds a route; of several that fit a request the first one wins.
    ///
    /// - Returns: What cannot be reached.
    package mutating func add(_ route: RouteRecord, methods: [String]) -> [Conflict] {
        var conflicts: [Conflict] = []
        for method in methods {
            let known =
                switch route.target {
                case .action: actions[method, default: RouteTree()].insert(route, order: count)
                case .directory: directories[method, default: RouteTree()].insert(route, order: count)
                }
            if let known { conflicts.append(Conflict(method: method, first: known, second: route)) }
        }
        count += 1
        return conflicts
    }

    /// Adds the routes that actions bring.
    ///
    /// - Returns: What is wrong with them.
    mutating func add(_ registry: ActionRegistry) -> [BundleProblem] {
        var problems: [BundleProblem] = []
        for action in registry.all {
            for route in action.routes {
                do throws(RouteFault) {
                    let record = try RouteRecord(route, of: action)
                    let conflicts = add(record, methods: route.methods.map(\.rawValue))
                    problems += conflicts.filter { !$0.isRepetition(in: registry) }.map(BundleProblem.routeConflict)
                } catch {
                    let what = "action `\(action.name)`"
                    problems.append(.definition(action.file, what, "\(what): its route \(route.path) \(error)"))
                }
            }
        }
        return problems
    }

    /// - Parameters:
    ///   - method: In small letters.
    ///   - segments: The path's parts between slashes.
    /// - Returns: The route to an action; `nil` when none fits.
    package func match(method: String, segments: [String]) -> RouteMatch? { Self.find(actions, method, segments) }

    /// - Parameters:
    ///   - method: In small letters.
    ///   - segments: The path's parts between slashes.
    /// - Returns: The route to a directory; `nil` when none fits.
    package func directory(method: String, segments: [String]) -> RouteMatch? {
        directories.isEmpty ? nil : Self.find(directories, method, segments)
    }

    private static func find(_ trees: [String: RouteTree], _ method: String, _ segments: [String]) -> RouteMatch? {
        if let match = trees[method]?.match(segments) { return match }
        return method == "head" ? trees["get"]?.match(segments) : nil
    }

    /// Methods that lead to an action at this path, in capitals.
    package func allowedMethods(segments: [String]) -> [String] {
        Self.methods.filter { match(method: $0, segments: segments) != nil }.map { $0.uppercased() }
    }
}

extension Router.Conflict {
    /// Whether both are what one action says, in several of its versions.
    func isRepetition(in registry: ActionRegistry) -> Bool {
        guard first.target == second.target, first.apiVersion == second.apiVersion, let name = second.action else {
            return false
        }
        return registry.all.contains { $0.name.isSame(as: name) && $0.file == first.place }
    }
}

extension BundleProblem {
    static func routeConflict(_ conflict: Router.Conflict) -> BundleProblem {
        let (first, second) = (conflict.first, conflict.second)
        return BundleProblem(
            .nameConflict, file: second.place, expected: nil, found: conflict.subject,
            "the route \(conflict.subject) is defined \(definitions(first.place, second.place))"
                + (first.place == second.place || first.path != second.path
                    ? ": as \(first.path) of \(first.goal) and as \(second.path) of \(second.goal)" : ""),
            remedy: "remove or change one: only the first can ever be reached")
    }
}
