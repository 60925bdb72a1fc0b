// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A path that leads to an action, beside those of `config/routes.yml`.
///
///     struct UserShow: Action {
///         static let routes = [Route(.get, "/user/:id")]
///
///         @Input("Who") var id: String
///         …
///     }
///
/// Parts of the path are compared without regard to capitals. `:name` takes one part as the input of that name,
/// `:name(regex)` one that matches the regular expression, `v:name` one that contains the text before the colon.
/// Routes of the configuration come first. Two routes for one method that fit the same paths stop the boot. An action with
/// a route no longer answers at its name, `/api/NAME`.
public struct Route: Sendable, Hashable {
    /// A method that routes can be given for.
    public enum Method: String, Sendable, Hashable, CaseIterable {
        /// Reads; also answers HEAD where no other route does.
        case get
        /// Reads the headers only.
        case head
        /// Makes something.
        case post
        /// Puts something in the place of what is there.
        case put
        /// Changes a part.
        case patch
        /// Removes.
        case delete
    }

    /// The methods that it answers.
    public var methods: [Method]
    /// The path below `web.urlPathForActions`, for example `/user/:id`.
    public var path: String
    /// The version of the action that runs unless the request names one; `nil` for the latest.
    public var apiVersion: String?
    /// Whether the last part takes everything that follows.
    ///
    /// Default: `false`.
    public var matchTrailingPathParts: Bool

    /// Makes a route for one method.
    ///
    /// - Parameters:
    ///   - method: The method that it answers.
    ///   - path: The path below `web.urlPathForActions`.
    ///   - apiVersion: The version of the action that runs unless the request names one; `nil` for the latest.
    ///   - matchTrailingPathParts: Whether the last part takes everything that follows.
    public init(_ method: Method, _ path: String, apiVersion: String? = nil, matchTrailingPathParts: Bool = false) {
        self.init([method], path, apiVersion: apiVersion, matchTrailingPathParts: matchTrailingPathParts)
    }

    /// Makes a route for several methods.
    ///
    /// - Parameters:
    ///   - methods: The methods that it answers; `Route.Method.allCases` for all.
    ///   - path: The path below `web.urlPathForActions`.
    ///   - apiVersion: The version of the action that runs unless the request names one; `nil` for the latest.
    ///   - matchTrailingPathParts: Whether the last part takes everything that follows.
    public init(_ methods: [Method], _ path: String, apiVersion: String? = nil, matchTrailingPathParts: Bool = false) {
        self.methods = methods
        self.path = path
        self.apiVersion = apiVersion
        self.matchTrailingPathParts = matchTrailingPathParts
    }
}
