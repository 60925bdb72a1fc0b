// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A directory and those in it, to a bounded depth.
package enum DirectoryTree {
    /// Regular files with that suffix below a directory and its sub-directories, sorted, relative to the project.
    ///
    /// - Throws: ``FileError`` when a directory cannot be read, or when there are more or deeper ones than anybody means: a
    ///   link may lead anywhere.
    package static func files(
        below directory: String, in projectRoot: String, suffix: String
    ) throws(FileError) -> [String] {
        var search = Search(root: projectRoot, suffix: suffix)
        try search.visit(directory, depth: 0)
        return search.files
    }

    private struct Search {
        private static let maximumDepth = 32
        private static let maximumNames = 100_000

        let root: String
        let suffix: String
        var files: [String] = []
        private var names = 0

        init(root: String, suffix: String) {
            self.root = root
            self.suffix = suffix
        }

        mutating func visit(_ directory: String, depth: Int) throws(FileError) {
            guard depth <= Self.maximumDepth else {
                throw FileError(
                    "look into", "\(root)/\(directory)", ENAMETOOLONG,
                    reason: "directories may nest \(Self.maximumDepth) deep")
            }
            for name in try FileContents.list("\(root)/\(directory)", limit: Self.maximumNames - names) {
                names += 1
                guard !name.hasPrefix(".") else { continue }
                let path = "\(directory)/\(name)"
                if FileContents.isDirectory("\(root)/\(path)") {
                    guard !FileContents.leadsBack("\(root)/\(path)") else { continue }
                    try visit(path, depth: depth + 1)
                } else if name.hasSuffix(suffix) {
                    files.append(path)
                }
            }
        }
    }
}
