// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// One line of `config/routes.yml`: which paths lead to which action.
package struct Route: Sendable, Hashable, Decodable {
    /// Segments between slashes; `:name` captures one, `:name(regex)` one that matches, `v:name` one that begins so.
    package let path: String
    package let action: String?
    /// Used unless the request says otherwise.
    package let apiVersion: String?
    /// Whether the last segment takes everything that follows.
    package let matchTrailingPathParts: Bool
    /// Serves files of a directory in place of an action.
    package let dir: String?

    package init(
        path: String, action: String?, apiVersion: String? = nil, matchTrailingPathParts: Bool = false,
        dir: String? = nil
    ) {
        self.path = path
        self.action = action
        self.apiVersion = apiVersion
        self.matchTrailingPathParts = matchTrailingPathParts
        self.dir = dir
    }

    private enum CodingKeys: CodingKey {
        case path, action, apiVersion, matchTrailingPathParts, dir
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        path = try container.decode(String.self, forKey: .path)
        action = try container.decodeIfPresent(String.self, forKey: .action)
        apiVersion = try container.decodeIfPresent(String.self, forKey: .apiVersion)
        matchTrailingPathParts = try container.decodeIfPresent(Bool.self, forKey: .matchTrailingPathParts) ?? false
        dir = try container.decodeIfPresent(String.self, forKey: .dir)
    }

    /// The parts between slashes, without one empty part at either end.
    static func segments(of path: some StringProtocol) -> [String] {
        var parts = String(path).split(separator: Character("/"), omittingEmptySubsequences: false).map(String.init)
        if parts.first == "" { parts.removeFirst() }
        if parts.last == "" { parts.removeLast() }
        return parts
    }
}

/// A segment of a route.
enum RouteSegment: Sendable, Hashable {
    /// Compared without regard to capitals; kept in small letters.
    case literal(String)
    /// - prefix: Text that the segment must contain and that is not part of the value.
    case variable(name: String, prefix: String, expression: String?)

    init(_ text: String) {
        guard let colon = text.firstIndex(of: ":") else {
            self = .literal(text.lowercased())
            return
        }
        let prefix = String(text[..<colon])
        let rest = text[text.index(after: colon)...]
        guard let parenthesis = rest.firstIndex(of: "("), rest.hasSuffix(")") else {
            self = .variable(name: String(rest), prefix: prefix, expression: nil)
            return
        }
        let expression = rest[rest.index(after: parenthesis)...].dropLast()
        self = .variable(name: String(rest[..<parenthesis]), prefix: prefix, expression: String(expression))
    }

    /// What a variable takes from a path segment; `nil` when it does not match.
    func capture(_ segment: String) -> String? {
        // `/user//` has no user: an empty part is no value.
        guard !segment.isEmpty, case .variable(_, let prefix, let expression) = self else { return nil }
        var value = segment
        if !prefix.isEmpty {
            guard let range = value.firstRange(of: prefix) else { return nil }
            value.removeSubrange(range)
        }
        if let expression {
            // Compiled per request: Regex is not Sendable. Segments are short, and few routes have one.
            guard let regex = try? Regex(expression), (try? regex.firstMatch(in: value)) ?? nil != nil else {
                return nil
            }
        }
        return value
    }
}

/// A route that fits a request.
package struct RouteMatch: Sendable {
    package let route: Route
    /// Values of the variables as they stand in the path, still percent-encoded.
    package let captures: [(name: String, value: String)]
}
