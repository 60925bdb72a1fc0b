// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

/// Every key that the framework knows, and the files that they stand in.
package struct ConfigurationSchema: Sendable {
    package static let standard = ConfigurationSchema(
        keys: general + errors + logger + routes + plugins + redis + tasks + web + websocket + socket + cluster)

    package let keys: [ConfigurationKey]
    /// First parts of keys that belong to the framework; all others belong to the application.
    let namespaces: Set<String>

    init(keys: [ConfigurationKey]) {
        self.keys = keys
        namespaces = Set(keys.compactMap(\.path.first))
    }

    /// The namespace of a file: `servers/web.yml` holds `web`, `api.yml` holds `general`, any other its own name.
    static func namespace(ofFile name: String) -> [String] {
        switch name {
        case "api": return ["general"]
        case "servers/web", "servers/websocket", "servers/socket": return [String(name.dropFirst("servers/".count))]
        default: return name.split(separator: "/").map(String.init)
        }
    }

    /// The key at exactly this path, or the one that a path leads into.
    func key(at path: [String]) -> ConfigurationKey? {
        keys.first { path.starts(with: $0.path, by: { $0.isSame(as: $1) }) }
    }

    /// The type that a path has to have, also inside of a key's value; `nil` where the application decides.
    func type(at path: [String]) -> ConfigurationType? {
        guard let key = key(at: path) else { return nil }
        return path.dropFirst(key.path.count).reduce(key.type) { $0?.member($1) }
    }

    /// Whether keys lie below this path.
    func isBranch(_ path: [String]) -> Bool {
        keys.contains { $0.path.count > path.count && $0.path.starts(with: path) }
    }

    /// The known key that looks most like a wrong one.
    func nearest(to path: [String]) -> String? {
        let wrong = path.joined(separator: ".")
        let candidates = keys.filter { $0.path.first == path.first }.map(\.name)
        return Spelling.nearest(to: wrong, among: candidates)
    }

    /// The defaults of an environment, in the tree form of a file.
    func defaults(environment: String) -> ConfigurationTree {
        var tree = ConfigurationTree()
        for key in keys {
            let value = key.standards[environment] ?? key.standard
            let wrapped = ConfigurationTree(["value": value], origin: .builtIn)
            if let node = wrapped["value"] { tree.set(at: key.path, node) }
        }
        return tree
    }
}
