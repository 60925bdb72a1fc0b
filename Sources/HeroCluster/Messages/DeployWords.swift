// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

/// What a deploy says, be it of a cluster or of a process that replaces itself.
package enum DeployWords {
    /// - Parameter serving: What goes on.
    /// - Returns: A line for operators.
    package static func refused(serving: String) -> String {
        "the new generation was refused; \(serving) stays in service"
    }

    /// What somebody would lose who copies a project and is half done: all actions, or all that are served now.
    ///
    /// - Parameters:
    ///   - candidate: What the new generation is called.
    ///   - offered: Names of its actions.
    ///   - served: Names of the actions that are served now, sorted.
    /// - Returns: `nil` when nothing is wrong with that.
    package static func lostActions(_ candidate: String, offered: [String], served: [String]) -> String? {
        guard let example = served.first else { return nil }
        let names = Set(offered.map(ByteKey.init))
        if names.isEmpty { return "\(candidate) has no action, and \(served.count) are served now" }
        guard names.isDisjoint(with: served.map(ByteKey.init)) else { return nil }
        return "\(candidate) has none of the \(served.count) actions that are served now, such as \(example)"
    }

    /// The same for the configuration.
    ///
    /// - Parameters:
    ///   - root: The project or the release.
    ///   - offered: How many files of configuration it has.
    ///   - served: How many what serves now has.
    /// - Returns: `nil` when nothing is wrong with that.
    package static func lostConfiguration(_ root: String, offered: Int, served: Int) -> String? {
        guard offered == 0, served > 0 else { return nil }
        return "\(root) has no configuration any more, and what serves has \(served) files of it"
    }
}
