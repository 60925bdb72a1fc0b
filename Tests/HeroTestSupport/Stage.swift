// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The installed host that the tests start.
package enum Stage {
    /// The root of the repository.
    package static let repository = #filePath.components(separatedBy: "/Tests/")[0]

    /// The tree that `make installed` makes, or `HERO_TEST_STAGE`.
    package static let root: String = {
        let named = ProcessInfo.processInfo.environment["HERO_TEST_STAGE"] ?? ""
        return named.isEmpty ? "\(repository)/.build-installed" : named
    }()

    /// The executable under test.
    package static let hero = "\(root)/bin/hero"
}

extension Stage {
    /// A file of the repository as text.
    package static func text(_ path: String) throws -> String {
        try String(contentsOfFile: "\(repository)/\(path)", encoding: .utf8)
    }
}
