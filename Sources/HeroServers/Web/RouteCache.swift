// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import Glibc
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

    /// By the hash of method and path as they were received, so that finding one makes no text of them.
    private var entries: [Int: [(key: [UInt8], entry: Entry)]] = [:]

    private static func hash(_ key: UnsafeRawBufferPointer) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes: key)
        return hasher.finalize()
    }

    /// - Parameter key: Method and path as they were received.
    /// - Returns: What was remembered for it, or `nil`.
    func find(_ key: UnsafeRawBufferPointer) -> Entry? {
        entries[Self.hash(key)]?.first { known in
            known.key.withUnsafeBytes { isEqual($0, key) }
        }?.entry
    }

    private func isEqual(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        guard left.count == right.count, let start = left.baseAddress, let other = right.baseAddress else {
            return left.count == right.count
        }
        return memcmp(start, other, right.count) == 0
    }

    mutating func remember(
        _ key: [UInt8], _ path: String, prefix: [String], _ match: RouteMatch, _ record: ActionRecord?
    ) {
        guard match.captures.isEmpty, match.route.apiVersion == nil, match.route.action != nil,
            !match.route.matchTrailingPathParts,
            path == "/" + (prefix + [match.route.path.drop { $0 == "/" }].map(String.init)).joined(separator: "/")
        else { return }
        let entry = Entry(
            action: match.route.action, record: record, routePath: match.route.path,
            params: ["action": match.route.action.map { .string($0) } ?? .null])
        entries[key.withUnsafeBytes(Self.hash), default: []].append((key, entry))
    }
}
