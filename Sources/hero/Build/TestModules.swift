// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// The modules that test files become: those of one directory are one, so that they share what they declare, and two
/// directories may use a name twice.
struct TestModules {
    struct Module {
        /// Relative to the project, sorted.
        let sources: [String]
        let name: String

        /// The file that hands over to Swift Testing; relative to the project.
        var runner: String { "\(TestModules.directory)/\(name).swift" }
        var output: String { "\(TestModules.directory)/\(name).so" }
        var product: BundleBuilder.Product {
            BundleBuilder.Product(sources: sources + [runner], module: name, output: output, staysHere: true)
        }
    }

    static let directory = "tmp/build/tests"

    let modules: [Module]

    /// - Parameter files: Relative to the project.
    init(_ files: [String]) {
        let directories = Dictionary(grouping: files) { file in
            file.lastIndex(of: "/").map { String(file[..<$0]) } ?? ""
        }
        var taken: Set<String> = []
        modules = directories.sorted { $0.key < $1.key }.map { directory, sources in
            let stem = "_tests_" + ModuleNames.identifier(directory[...])
            // A library's name begins with a letter, and a project's prefix is followed by no `tests`.
            var name = stem
            var number = 2
            while !taken.insert(name).inserted {
                name = "\(stem)_\(number)"
                number += 1
            }
            return Module(sources: sources.sorted(), name: name)
        }
    }
}
