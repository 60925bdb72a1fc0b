// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
package import HeroConfiguration
package import HeroSystem

// What becomes part of names of files, of lines of the log and of the list of processes.
extension ServerIdentity {
    /// In bytes.
    ///
    /// A file's name may have 255, and the log's also has the worker's number and the environment.
    static let longestTitle = 128

    /// - Parameters:
    ///   - title: `nil` when none is given.
    ///   - place: Who gives it, for messages.
    /// - Throws: `ConfigurationRefused` for one that cannot be used.
    package static func check(_ title: String?, of place: String) throws(ConfigurationRefused) {
        guard let title, let objection = objection(title) else { return }
        throw ConfigurationRefused(
            problems: [ConfigurationProblem(file: place, line: nil, key: "", reason: objection)])
    }

    private static func objection(_ title: String) -> String? {
        let size = title.utf8.count
        if size > longestTitle {
            return "is too long: \(size) bytes, of which names of files can take \(longestTitle)"
        }
        let plain = PlainText.line(title)
        // Nothing would be left of it in the name of the pidfile.
        if !title.isEmpty, title.allSatisfy(\.isWhitespace) {
            return "must have a letter or a digit, not '\(plain)'"
        }
        guard plain != title || title.utf8.contains(UInt8(ascii: "\t")) else { return nil }
        return "must be one line without control characters, not '\(plain)'"
    }
}
