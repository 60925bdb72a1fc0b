// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// The marks of scalars that are understood: `!!str`, `!!int` and so on.
package enum YAMLTag: String, Sendable {
    case text = "str"
    case integer = "int"
    case number = "float"
    case flag = "bool"
    case null

    private static let standard = "tag:yaml.org,2002:"

    /// - Parameter tag: As libyaml hands it over; `!` alone marks text.
    package init?(scalar tag: String) {
        guard tag != "!" else {
            self = .text
            return
        }
        guard tag.hasPrefix(Self.standard) else { return nil }
        self.init(rawValue: String(tag.dropFirst(Self.standard.count)))
    }

    /// Whether lists and mappings may be marked so, as which they are read anyway.
    package static func isUsual(_ tag: String, for collection: String) -> Bool {
        tag == "!" || tag == standard + collection
    }
}
