// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroBundles
internal import HeroConfiguration
internal import HeroSystem

/// Directories of a project that are called almost like one that the host reads.
package enum MisspeltDirectories {
    /// - Parameter projectRoot: The project.
    /// - Returns: A sentence for each directory with something in it that would count under the name that was meant.
    package static func warnings(in projectRoot: String) -> [String] {
        let names = ((try? FileContents.list(projectRoot)) ?? []).filter { !$0.hasPrefix(".") }
        let present = Set(names.map(ByteKey.init))
        return names.sorted().compactMap { name in
            guard !known.contains(ByteKey(name)), let meant = meant(name) else { return nil }
            // A second directory of settings is for something else.
            if meant == configuration, present.contains(ByteKey(meant)) { return nil }
            guard FileContents.isDirectory("\(projectRoot)/\(name)"),
                let file = example(
                    in: name, of: projectRoot, meant == configuration ? [".yml", ".yaml"] : [".swift", ".so"])
            else { return nil }
            return
                "\(PlainText.line(name))/ means nothing to hero, and what lies in it, such as \(PlainText.line(file)), is "
                + "passed over – did you mean \(meant)/?"
        }
    }

    private static let configuration = "config"
    private static let readable = BundleRole.supported.map(\.kind.directory) + [configuration]
    /// Names that mean something here or in most repositories, however similar.
    private static let known = Set(
        (BundleRole.allCases.map(\.kind.directory) + [configuration, "tests", "Tests"]).map(ByteKey.init))

    private static func example(in directory: String, of projectRoot: String, _ suffixes: [String]) -> String? {
        for suffix in suffixes {
            let files = try? DirectoryTree.files(below: directory, in: projectRoot, suffix: suffix)
            if let file = files?.first { return file }
        }
        return nil
    }

    /// Few letters make many words: short names have to be closer.
    private static func meant(_ name: String) -> String? {
        guard name.utf8.count < 20 else { return nil }
        let word = name.lowercased()
        return readable.map { (directory: $0, distance: Spelling.distance(word, $0)) }
            .filter { $0.distance <= ($0.directory.count > 5 ? 2 : 1) }
            .min { $0.distance < $1.distance }?.directory
    }
}
