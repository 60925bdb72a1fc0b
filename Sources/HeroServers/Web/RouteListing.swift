// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
internal import HeroConfiguration
package import HeroRuntime

/// Every path of the web server, in the order in which they count.
package struct RouteListing: Sendable {
    package enum Target: Sendable, Equatable {
        /// - versions: All that there are, the latest last; none of an action that does not exist.
        case action(String, version: String?, versions: [String])
        case directory(String)
        /// `web.health`.
        case health(String)
    }

    package struct Row: Sendable {
        /// In capitals; empty for every method but OPTIONS.
        package let methods: [String]
        package let path: String
        package let target: Target
        /// Where the route comes from: `configuration`, `action`, `automatic` or `built-in`.
        package let origin: String
        /// A line of a file, a key, or the type of an action and its bundle.
        package let place: String
    }

    package private(set) var rows: [Row] = []

    /// - Parameters:
    ///   - application: The process.
    ///   - actions: All of them.
    /// - Throws: `ConfigurationRefused`.
    package init(_ application: HeroApplication, actions: ActionRegistry) throws {
        let web = try application.configuration.decode(WebConfiguration.self, "web")
        let entries = RouteEntry.all(
            try RoutesConfiguration(application.configuration), automaticMethods: web.automaticRoutes, actions: actions)
        for (name, path) in [("live", web.health.live), ("ready", web.health.ready)] {
            guard let path, !path.isEmpty else { continue }
            rows.append(
                Row(
                    methods: ["GET", "HEAD"], path: path, target: .health(name), origin: "built-in",
                    place: "web.health.\(name)"))
        }
        addRoutes(entries, web, actions)
        for base in Self.bases(web.urlPathForFiles, isRoot: web.rootEndpointType == "file") {
            for directory in application.core.publicDirectories(in: application.projectRoot) {
                rows.append(
                    Row(
                        methods: [], path: "\(base)/", target: .directory(directory), origin: "built-in",
                        place: "general.paths.public"))
            }
        }
    }

    private mutating func addRoutes(_ entries: [RouteEntry], _ web: WebConfiguration, _ actions: ActionRegistry) {
        // What one that came before keeps from being reached is not listed.
        var router = Router()
        for entry in entries {
            let hidden = Set(router.add(entry.route, methods: entry.methods).map(\.method))
            let methods = entry.methods.filter { !hidden.contains($0) }.map { $0.uppercased() }
            guard !methods.isEmpty else { continue }
            let (target, bases) = Self.target(of: entry.route, web, actions)
            let path = entry.route.path.drop { $0 == "/" }
            for base in bases {
                rows.append(
                    Row(
                        methods: methods, path: "\(base)/\(path)\(entry.route.matchTrailingPathParts ? "/…" : "")",
                        target: target, origin: entry.origin.rawValue, place: Self.place(of: entry, actions)))
            }
        }
    }

    private static func target(
        of route: RouteRecord, _ web: WebConfiguration, _ actions: ActionRegistry
    ) -> (Target, bases: [String]) {
        switch route.target {
        case .directory(let path):
            return (.directory(path), bases(web.urlPathForFiles, isRoot: web.rootEndpointType == "file"))
        case .action(let name):
            let versions = actions.versions(of: name).map(\.version)
            return (
                .action(name, version: route.apiVersion ?? versions.last, versions: versions),
                bases(web.urlPathForActions, isRoot: web.rootEndpointType == "api")
            )
        }
    }

    /// - Returns: What paths of one kind begin with, without a slash at the end.
    private static func bases(_ prefix: String?, isRoot: Bool) -> [String] {
        let parts = (prefix ?? "").split(separator: "/")
        return (parts.isEmpty ? [] : ["/" + parts.joined(separator: "/")]) + (isRoot ? [""] : [])
    }

    private static func place(of entry: RouteEntry, _ actions: ActionRegistry) -> String {
        guard entry.origin == .action, let name = entry.route.action else { return entry.route.place }
        let record = actions.versions(of: name).first { $0.file == entry.route.place }
        return record?.typeName.map { "\($0) in \(entry.route.place)" } ?? entry.route.place
    }
}

extension RouteListing.Row {
    /// The row as `hero routes --json` prints it.
    package var json: JSON {
        var object: JSON.Object = [
            "methods": .array((methods.isEmpty ? ["*"] : methods).map { .string($0) }), "path": .string(path),
        ]
        switch target {
        case .action(let name, let version, let versions):
            object["action"] = .string(name)
            object["version"] = version.map { .string($0) } ?? .null
            object["versions"] = .array(versions.map { .string($0) })
        case .directory(let directory): object["directory"] = .string(directory)
        case .health(let name): object["health"] = .string(name)
        }
        object["origin"] = .string(origin)
        object["place"] = .string(place)
        return .object(object)
    }

    /// The cells of the row in a table: methods, path, goal, version, origin.
    package var cells: [String] {
        let (goal, shown): (String, String) =
            switch target {
            case .action(let name, _, let versions) where versions.isEmpty: ("\(name) (no such action)", "-")
            case .action(let name, let version, _): (name, version ?? "-")
            case .directory(let directory): ("files of \(directory)", "-")
            case .health(let name): ("health, \(name)", "-")
            }
        return [
            methods.isEmpty ? "*" : methods.joined(separator: ","), path, goal, shown,
            origin == "automatic" ? "automatic (\(place))" : place,
        ]
    }
}
