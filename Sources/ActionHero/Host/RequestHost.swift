// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package protocol RequestHost: AnyObject, Sendable {
    var method: String { get }
    var path: String { get }
    var queryString: String { get }
    var scheme: String { get }
    var host: String? { get }
    var headers: [(name: String, value: String)] { get }
    func header(_ name: String) -> String?
    var cookies: [String: String] { get }
    func cookie(_ name: String) -> String?
    var body: JSON? { get }
    var rawBody: [UInt8]? { get }
    var files: [UploadedFile] { get }
    var fileExtension: String? { get }
    var routePath: String? { get }
    /// Where the route's variables stand in ``path``.
    var pathVariables: [PathVariable] { get }
}

extension RequestHost {
    package var pathVariables: [PathVariable] { [] }
}

/// A variable of a route, by its place in a path.
package struct PathVariable: Sendable, Hashable {
    package let name: String
    /// How many parts stand before it, without empty ones at the beginning of the path.
    package let position: Int
    /// Whether it has everything that follows, too.
    package let takesRest: Bool

    package init(name: String, position: Int, takesRest: Bool) {
        self.name = name
        self.position = position
        self.takesRest = takesRest
    }
}
