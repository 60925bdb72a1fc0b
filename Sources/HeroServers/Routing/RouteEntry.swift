// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
package import HeroRuntime

/// A route with its methods, and who says that it exists.
package struct RouteEntry: Sendable {
    package enum Origin: String, Sendable {
        /// `config/routes.yml`, or whatever has set its keys.
        case configuration
        /// The `routes` of an action.
        case action
        /// `web.automaticRoutes`.
        case automatic
    }

    package let route: RouteRecord
    /// In small letters.
    package let methods: [String]
    package let origin: Origin

    /// Everything that leads somewhere, in the order of precedence: the configuration first, then what the actions say,
    /// then a path for each action that has none yet.
    ///
    /// What cannot be read is left out: it has stopped the boot already.
    ///
    /// - Parameters:
    ///   - configuration: `config/routes.yml`.
    ///   - automaticMethods: Methods for which actions without a route get the route `/name`.
    ///   - actions: All of them.
    /// - Returns: The routes, of which the first that fits a request counts.
    package static func all(
        _ configuration: RoutesConfiguration, automaticMethods: [String], actions: ActionRegistry
    ) -> [RouteEntry] {
        var entries = configuration.routes.map { method, route in
            RouteEntry(route: route, methods: Router.methods(method), origin: .configuration)
        }
        for action in actions.all {
            for route in action.routes {
                guard let record = try? RouteRecord(route, of: action) else { continue }
                entries.append(RouteEntry(route: record, methods: route.methods.map(\.rawValue), origin: .action))
            }
        }
        let routed = Set(entries.compactMap(\.route.action).map(ByteKey.init))
        return entries + automatic(automaticMethods, actions, routed: routed)
    }

    /// Paths for those that nobody has given one.
    ///
    /// A second path that nobody has written down would be open to methods, and so to links of other sites, that the first
    /// one keeps out.
    private static func automatic(
        _ methods: [String], _ actions: ActionRegistry, routed: Set<ByteKey>
    ) -> [RouteEntry] {
        // A HEAD route of its own would hide a configured GET route of that path.
        let methods = methods.contains("get") ? methods.filter { $0 != "head" } : methods
        guard !methods.isEmpty else { return [] }
        let declined = Set(actions.all.filter { !$0.automaticRoute || !$0.routes.isEmpty }.map { ByteKey($0.name) })
        return actions.names.compactMap { name in
            guard !routed.contains(ByteKey(name)), !declined.contains(ByteKey(name)),
                let route = try? RouteRecord(path: "/\(name)", target: .action(name), place: "web.automaticRoutes")
            else { return nil }
            return RouteEntry(route: route, methods: methods, origin: .automatic)
        }
    }
}
