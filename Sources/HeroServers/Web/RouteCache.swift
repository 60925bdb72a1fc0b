// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroCore
internal import NIOCore

/// Remembers which action paths without variables lead to, so that most requests need not be taken apart.
///
/// Only paths that are spelled as their route is are kept, so the routes bound its size. Used by one loop only.
struct RouteCache {
    struct Entry {
        let action: String?
        let record: ActionRecord?
        let routePath: String
        /// The parameters of a request that brings none of its own.
        let params: JSON.Object
    }

    private var entries: [String: Entry] = [:]

    /// - Parameter key: Method and path as they were received.
    /// - Returns: What was remembered for it, or `nil`.
    func find(_ key: String) -> Entry? { entries[key] }

    mutating func remember(
        _ key: String, _ path: String, prefix: [String], _ match: RouteMatch, _ record: ActionRecord?
    ) {
        guard match.captures.isEmpty, match.route.apiVersion == nil, match.route.action != nil,
            !match.route.matchTrailingPathParts,
            path == "/" + (prefix + [match.route.path.drop { $0 == "/" }].map(String.init)).joined(separator: "/")
        else { return }
        entries[key] = Entry(
            action: match.route.action, record: record, routePath: match.route.path,
            params: ["action": match.route.action.map { .string($0) } ?? .null])
    }
}
