// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

/// Configuration values by key, each with its origin.
///
/// Objects are inner nodes, so that later sources replace single members; lists and scalars are leaves.
struct ConfigurationTree: Sendable {
    enum Node: Sendable {
        case leaf(JSON, ConfigurationOrigin)
        case branch(ConfigurationTree, ConfigurationOrigin)

        var json: JSON {
            switch self {
            case .leaf(let value, _): value
            case .branch(let tree, _): .object(tree.json)
            }
        }

        var origin: ConfigurationOrigin {
            switch self {
            case .leaf(_, let origin), .branch(_, let origin): origin
            }
        }
    }

    private(set) var names: [String] = []
    private var nodes: [ByteKey: Node] = [:]

    init() {}

    init(_ object: JSON.Object, origin: ConfigurationOrigin) {
        for (name, value) in object {
            if let members = value.objectValue {
                set(name, .branch(ConfigurationTree(members, origin: origin), origin))
            } else {
                set(name, .leaf(value, origin))
            }
        }
    }

    subscript(name: String) -> Node? { nodes[ByteKey(name)] }

    mutating func set(_ name: String, _ node: Node) {
        if nodes.updateValue(node, forKey: ByteKey(name)) == nil { names.append(name) }
    }

    mutating func remove(_ name: String) {
        if nodes.removeValue(forKey: ByteKey(name)) != nil { names.removeAll { $0.isSame(as: name) } }
    }

    /// The node at a path of names.
    func node(at path: some Collection<String>) -> Node? {
        guard let first = path.first, let node = nodes[ByteKey(first)] else { return nil }
        let rest = path.dropFirst()
        if rest.isEmpty { return node }
        guard case .branch(let tree, _) = node else { return nil }
        return tree.node(at: rest)
    }

    /// Puts a node at a path, making branches on the way.
    mutating func set(at path: some Collection<String>, _ node: Node) {
        guard let first = path.first else { return }
        let rest = path.dropFirst()
        if rest.isEmpty {
            set(first, node)
            return
        }
        var child = ConfigurationTree()
        // Taken out, so that it is changed in place and not copied.
        switch nodes.removeValue(forKey: ByteKey(first)) {
        case .branch(let tree, _): child = tree
        case .leaf: break
        case nil: names.append(first)
        }
        child.set(at: rest, node)
        nodes[ByteKey(first)] = .branch(child, node.origin)
    }

    /// Adds another tree on top of this one: objects merge, lists and scalars replace, an empty object changes nothing.
    ///
    /// `null` stays as a value here; the schema decides whether it clears a key or is one.
    mutating func merge(_ other: ConfigurationTree) {
        for name in other.names {
            guard let theirs = other.nodes[ByteKey(name)] else { continue }
            guard case .branch(let theirTree, let origin) = theirs else {
                set(name, theirs)
                continue
            }
            if case .branch(var ourTree, let ourOrigin) = nodes[ByteKey(name)] {
                ourTree.merge(theirTree)
                set(name, .branch(ourTree, theirTree.names.isEmpty ? ourOrigin : origin))
            } else if !theirTree.names.isEmpty || nodes[ByteKey(name)] == nil {
                set(name, theirs)
            }
        }
    }

    var json: JSON.Object {
        var object = JSON.Object()
        for name in names { object[name] = nodes[ByteKey(name)]?.json }
        return object
    }

    /// All leaves with their full keys, in order.
    func leaves(prefix: [String] = []) -> [(path: [String], value: JSON, origin: ConfigurationOrigin)] {
        names.flatMap { name -> [(path: [String], value: JSON, origin: ConfigurationOrigin)] in
            switch nodes[ByteKey(name)] {
            case .leaf(let value, let origin): return [(prefix + [name], value, origin)]
            case .branch(let tree, let origin):
                if tree.names.isEmpty { return [(prefix + [name], [:], origin)] }
                return tree.leaves(prefix: prefix + [name])
            case nil: return []
            }
        }
    }
}
