// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
package import HeroConfiguration
package import HeroLog
package import HeroRuntime

/// `config/routes.yml`, checked.
package struct RoutesConfiguration: Sendable {
    /// In the order in which the reference reads them: `all` comes first.
    private static let names = ["all", "get", "post", "put", "patch", "delete", "head"]

    /// The routes in their order: the first that fits a request wins; the method may be `all`.
    package let routes: [(method: String, route: RouteRecord)]

    /// - Throws: ``ConfigurationRefused`` with every route that cannot be used or reached.
    package init(_ configuration: EffectiveConfiguration) throws {
        var reader = Reader(configuration: configuration)
        for name in Self.names { reader.read(name) }
        guard reader.problems.isEmpty else { throw ConfigurationRefused(problems: reader.problems) }
        routes = reader.routes
    }

    /// Routes to actions, and versions of actions, that do not exist are answered as unknown actions; the log says so once.
    package func warn(about actions: ActionRegistry, _ log: LogRouter) {
        for (method, route) in routes {
            guard let name = route.action else { continue }
            let data: [(String, JSON)] = [
                ("route", .string("\(method.uppercased()) \(route.path)")), ("action", .string(name)),
                ("place", .string(route.place)),
            ]
            if !actions.contains(name) {
                log.write(level: .warning, message: "a route leads to an action that does not exist", data: data)
            } else if let version = route.apiVersion, !version.isEmpty, actions.find(name, version: version) == nil {
                // 01 is another version than 1.
                let known = actions.versions(of: name).map(\.version).joined(separator: ", ")
                log.write(
                    level: .warning, message: "a route leads to a version that its action does not have",
                    data: data + [("apiVersion", .string(version)), ("versions", .string(known))])
            }
        }
    }

    private struct Reader {
        let configuration: EffectiveConfiguration
        var routes: [(method: String, route: RouteRecord)] = []
        var problems: [ConfigurationProblem] = []
        private var router = Router()

        init(configuration: EffectiveConfiguration) {
            self.configuration = configuration
        }

        mutating func read(_ method: String) {
            let key = "routes.\(method)"
            for (position, value) in (configuration.value(at: key)?.arrayValue ?? []).enumerated() {
                let origin = configuration.origin(of: key, element: position)
                func report(_ reason: String) {
                    problems.append(
                        ConfigurationProblem(
                            file: origin.source, line: origin.line, key: "\(key)[\(position)]", reason: reason))
                }
                do throws(RouteFault) {
                    let route = try Self.route(value, place: origin.place)
                    for conflict in router.add(route, methods: Router.methods(method)) {
                        report(
                            "can never be reached: \(conflict.subject) is a route of \(conflict.first.place) already")
                    }
                    routes.append((method, route))
                } catch {
                    report(error.description)
                }
            }
        }

        private static func route(_ value: JSON, place: String) throws(RouteFault) -> RouteRecord {
            let path = value["path"]?.stringValue ?? ""
            let target: RouteRecord.Target
            switch (value["action"]?.stringValue, value["dir"]?.stringValue) {
            case (let action?, nil): target = .action(action)
            case (nil, let directory?): target = .directory(directory)
            case (nil, nil): throw RouteFault(description: "(\(path)) names neither an action nor a dir")
            case (_?, _?): throw RouteFault(description: "(\(path)) names both an action and a dir")
            }
            do throws(RouteFault) {
                return try RouteRecord(
                    path: path, target: target, apiVersion: value["apiVersion"]?.stringValue,
                    matchTrailingPathParts: value["matchTrailingPathParts"]?.boolValue ?? false, place: place)
            } catch {
                throw RouteFault(description: "(\(path)) \(error)")
            }
        }
    }
}
