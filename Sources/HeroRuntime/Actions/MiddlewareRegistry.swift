// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
internal import HeroBundles
internal import HeroConfiguration

/// The middleware of a process, one instance of each.
///
/// Built at boot, never changed.
package struct MiddlewareRegistry: Sendable {
    private struct Entry: Sendable {
        let name: String
        let isGlobal: Bool
        let priority: Int
        let file: String
        let middleware: any ActionMiddleware
    }

    private struct ConnectionEntry: Sendable {
        let name: String
        let priority: Int
        let file: String
        let middleware: any ConnectionMiddleware
    }

    private let defaultPriority: Int
    private var entries: [Entry] = []
    private var connectionEntries: [ConnectionEntry] = []
    private(set) var problems: [BundleProblem] = []

    package init(defaultPriority: Int) {
        self.defaultPriority = defaultPriority
    }

    package mutating func add(_ type: any ActionMiddleware.Type, file: String) {
        if let first = entries.first(where: { $0.name.isSame(as: type.name) }) {
            problems.append(.nameConflict("middleware \(type.name)", first: first.file, second: file))
            return
        }
        entries.append(
            Entry(
                name: type.name, isGlobal: type.isGlobal, priority: resolved(type.priority), file: file,
                middleware: type.init()))
        // Sorting by insertion keeps the order of files among equal priorities, which sort() does not promise.
        entries = entries.enumerated().sorted {
            ($0.element.priority, $0.offset) < ($1.element.priority, $1.offset)
        }.map(\.element)
    }

    /// Adds middleware of the framework, unless the application has one of that name.
    mutating func add<M: ActionMiddleware>(builtIn middleware: M) {
        guard !entries.contains(where: { $0.name.isSame(as: M.name) }) else { return }
        entries.append(
            Entry(
                name: M.name, isGlobal: M.isGlobal, priority: resolved(M.priority), file: "hero",
                middleware: middleware))
    }

    package mutating func add(_ type: any ConnectionMiddleware.Type, file: String) {
        if let first = connectionEntries.first(where: { $0.name.isSame(as: type.name) }) {
            problems.append(.nameConflict("connection middleware \(type.name)", first: first.file, second: file))
            return
        }
        connectionEntries.append(
            ConnectionEntry(
                name: type.name, priority: resolved(type.priority), file: file, middleware: type.init()))
        connectionEntries = connectionEntries.enumerated().sorted {
            ($0.element.priority, $0.offset) < ($1.element.priority, $1.offset)
        }.map(\.element)
    }

    private func resolved(_ priority: Int) -> Int {
        priority == ActionMiddlewarePriority.unspecified ? defaultPriority : priority
    }

    /// What runs around an action: global middleware by priority, then what the action names.
    ///
    /// - Parameter names: What the action asks for.
    /// - Returns: The middleware in the order of their `before`.
    /// - Throws: ``UnknownMiddleware``.
    func chain(naming names: [String]) throws(UnknownMiddleware) -> [any ActionMiddleware] {
        var chain = entries.filter(\.isGlobal)
        for name in names {
            guard let entry = entries.first(where: { $0.name.isSame(as: name) }) else {
                throw UnknownMiddleware(name: name, known: entries.map(\.name))
            }
            if !entry.isGlobal { chain.append(entry) }
        }
        return chain.map(\.middleware)
    }

    /// In the order in which it runs.
    package var connectionMiddleware: [any ConnectionMiddleware] { connectionEntries.map(\.middleware) }
}

/// An action asks for middleware that no bundle defines.
struct UnknownMiddleware: Error, CustomStringConvertible {
    let name: String
    let known: [String]

    var description: String {
        let hint = Spelling.nearest(to: name, among: known).map { " – did you mean `\($0)`?" } ?? ""
        return "it asks for the middleware `\(name)`, which does not exist\(hint)"
    }
}
