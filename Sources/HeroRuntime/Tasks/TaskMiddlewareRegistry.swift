// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroBundles
internal import HeroConfiguration

/// The task middleware of a process, one instance of each.
///
/// Built at boot, never changed.
struct TaskMiddlewareRegistry: Sendable {
    private struct Entry: Sendable {
        let name: String
        let isGlobal: Bool
        let priority: Int
        let file: String
        let middleware: any TaskMiddleware
    }

    private let defaultPriority: Int
    private var entries: [Entry] = []
    private(set) var problems: [BundleProblem] = []

    init(defaultPriority: Int) { self.defaultPriority = defaultPriority }

    mutating func add(_ type: any TaskMiddleware.Type, file: String) {
        if let first = entries.first(where: { $0.name.isSame(as: type.name) }) {
            problems.append(.nameConflict("task middleware \(type.name)", first: first.file, second: file))
            return
        }
        let priority = type.priority == ActionMiddlewarePriority.unspecified ? defaultPriority : type.priority
        let entry = Entry(
            name: type.name, isGlobal: type.isGlobal, priority: priority, file: file, middleware: type.init())
        // Behind those of the same priority, which keep the order of their files.
        entries.insert(entry, at: entries.firstIndex { $0.priority > priority } ?? entries.endIndex)
    }

    /// What runs around a task: global middleware by priority, then what the task names.
    ///
    /// - Parameter names: What the task asks for.
    /// - Returns: The middleware in the order in which it runs.
    /// - Throws: ``UnknownMiddleware``.
    func chain(naming names: [String]) throws(UnknownMiddleware) -> [any TaskMiddleware] {
        var chain = entries.filter(\.isGlobal)
        for name in names {
            guard let entry = entries.first(where: { $0.name.isSame(as: name) }) else {
                throw UnknownMiddleware(name: name, known: entries.map(\.name))
            }
            if !entry.isGlobal { chain.append(entry) }
        }
        return chain.map(\.middleware)
    }
}
