// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroConfiguration

/// Reads a `lib/NAME/build.yml`: what `hero build` has to know about a library beyond its sources.
package enum LibraryBuildFile {
    package static let name = "build.yml"

    /// - Parameters:
    ///   - text: The file's bytes.
    ///   - path: The file, relative to the project.
    /// - Returns: The packages that pkg-config is to be asked about.
    /// - Throws: An error that names file and line.
    package static func parse(_ text: [UInt8], path: String) throws -> [String] {
        guard let root = try YAMLParser.parse(text, file: path) else { return [] }
        let fields = try YAMLFields(root, of: "the library", known: ["pkgConfig"], file: path)
        let names = try fields.texts("pkgConfig")
        for name in names where !isName(name) {
            throw YAMLError(
                file: path, line: fields.line("pkgConfig"),
                reason: "'\(name)' is no name of a package; pkg-config --list-all shows those that are installed")
        }
        return names
    }

    /// Nothing that pkg-config could take for an option or for a path.
    private static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, isLetterOrDigit(first) else { return false }
        return text.utf8.allSatisfy { isLetterOrDigit($0) || "+-._".utf8.contains($0) }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }
}
