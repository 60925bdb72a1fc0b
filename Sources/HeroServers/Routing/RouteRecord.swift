// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
internal import HeroRuntime

/// One route: which paths lead where.
package struct RouteRecord: Sendable {
    package enum Target: Sendable, Hashable {
        case action(String)
        /// A directory whose files are served; absolute, or relative to the project.
        case directory(String)
    }

    /// As it was written.
    package let path: String
    package let target: Target
    /// Used unless the request says otherwise.
    package let apiVersion: String?
    /// The same as a parameter.
    package let versionParameter: JSON?
    /// Whether the last segment takes everything that follows.
    package let matchTrailingPathParts: Bool
    /// Who says so, for messages: a line of a file, or a bundle.
    package let place: String
    package let segments: [RouteSegment]
    /// Where its variables stand, counted from its first part.
    package let variables: [PathVariable]

    /// - Throws: ``RouteFault``.
    package init(
        path: String, target: Target, apiVersion: String? = nil, matchTrailingPathParts: Bool = false,
        place: String = ""
    ) throws(RouteFault) {
        self.path = path
        self.target = target
        self.apiVersion = apiVersion
        versionParameter = apiVersion.map(VersionParameter.value)
        self.matchTrailingPathParts = matchTrailingPathParts
        self.place = place
        var segments: [RouteSegment] = []
        for part in Self.parts(of: path) { segments.append(try RouteSegment(part)) }
        self.segments = segments
        let last = segments.count - 1
        variables = segments.enumerated().compactMap { position, segment in
            guard case .variable(let variable) = segment else { return nil }
            return PathVariable(
                name: variable.name, position: position, takesRest: matchTrailingPathParts && position == last)
        }
    }

    /// - Throws: ``RouteFault``.
    init(_ route: Route, of action: ActionRecord) throws(RouteFault) {
        try self.init(
            path: route.path, target: .action(action.name), apiVersion: route.apiVersion,
            matchTrailingPathParts: route.matchTrailingPathParts, place: action.file)
    }

    /// `nil` for a directory.
    package var action: String? {
        if case .action(let name) = target { return name }
        return nil
    }

    /// Where it leads, for messages.
    var goal: String {
        switch target {
        case .action(let name): "action \(name)"
        case .directory(let path): "directory \(path)"
        }
    }

    /// The parts between slashes, without one empty part at either end.
    static func parts(of path: some StringProtocol) -> [String] {
        var parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        if parts.first == "" { parts.removeFirst() }
        if parts.last == "" { parts.removeLast() }
        return parts
    }
}

/// A route that cannot be used.
package struct RouteFault: Error, Sendable, CustomStringConvertible {
    package let description: String
}
