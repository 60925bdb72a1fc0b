// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroSystem

/// Why a bundle is refused; one code per cause.
///
/// `docs/bundle-errors.md` explains each.
package struct BundleProblem: Error, Sendable, Hashable, Codable, CustomStringConvertible {
    /// 1xx come from the file alone, 3xx from loading it.
    ///
    /// Open: later hosts know more.
    package struct Code: Sendable, Hashable, Codable, RawRepresentable {
        package let rawValue: String
        package init(rawValue: String) { self.rawValue = rawValue }

        /// Not a 64-bit ELF shared object.
        package static let notShared = Code(rawValue: "HB101")
        /// A table or segment ends beyond the file, or the file changed while it was copied.
        package static let truncated = Code(rawValue: "HB102")
        /// Built for another machine.
        package static let machine = Code(rawValue: "HB103")
        /// No or unreadable note.
        package static let note = Code(rawValue: "HB104")
        /// The note's format is newer than this host.
        package static let format = Code(rawValue: "HB105")
        /// Built by another compiler.
        package static let compiler = Code(rawValue: "HB106")
        /// Built for another major version of the SDK.
        package static let sdkMajor = Code(rawValue: "HB107")
        /// Uses declarations of the SDK that this host lacks.
        package static let symbols = Code(rawValue: "HB108")
        /// Contains its own copy of the SDK or the Swift runtime.
        package static let ownCopy = Code(rawValue: "HB109")
        /// Needs a library by absolute path, or one that is not there.
        package static let library = Code(rawValue: "HB110")
        /// Needs a newer C library.
        package static let glibc = Code(rawValue: "HB111")
        /// Two bundles have one module name.
        package static let moduleName = Code(rawValue: "HB112")
        /// Was compiled against another state of a library of the project.
        package static let libraryInterface = Code(rawValue: "HB113")
        /// Larger than the configuration allows.
        package static let tooLarge = Code(rawValue: "HB114")
        /// Lies in a directory that this host has no use for.
        package static let directory = Code(rawValue: "HB115")
        /// Uses something that nothing defines which it is linked with.
        package static let undefined = Code(rawValue: "HB116")
        /// The dynamic linker refused it.
        package static let load = Code(rawValue: "HB301")
        /// No type of the SDK in it.
        package static let nothingFound = Code(rawValue: "HB302")
        /// Two bundles define one name.
        package static let nameConflict = Code(rawValue: "HB303")
        /// An action, or something else that the bundle defines, is not valid.
        package static let definition = Code(rawValue: "HB306")

        /// Whether the file alone tells, so that none of its code has run.
        var isFromFile: Bool { rawValue.hasPrefix("HB1") }
    }

    package let code: Code
    /// The bundle's name, when its note could be read.
    package let bundle: String?
    /// The file as the user knows it, relative to the project.
    package let file: String
    package let expected: String?
    package let found: String?
    /// What to do.
    package let remedy: String
    /// The whole story in one line.
    package let message: String

    package init(
        _ code: Code, file: String, bundle: String? = nil, expected: String? = nil, found: String? = nil,
        _ message: String, remedy: String
    ) {
        self.code = code
        self.bundle = bundle
        self.file = file
        self.expected = expected
        self.found = found
        // The name of a file must not begin a line of its own where the message is shown.
        let shown = PlainText.line(file)
        self.remedy = shown == file ? remedy : remedy.replacing(file, with: shown)
        self.message = shown == file ? message : message.replacing(file, with: shown)
    }

    /// The same under the name by which its file is known.
    func named(_ name: String) -> BundleProblem {
        BundleProblem(
            code, file: name, bundle: bundle, expected: expected, found: found,
            message.replacing(file, with: name), remedy: remedy.replacing(file, with: name))
    }

    package var description: String { "\(code.rawValue) \(message) – \(remedy)" }
}

/// Everything that is wrong with the bundles of a generation, so that one deploy shows all of it.
package struct BundlesRefused: Error, Sendable, CustomStringConvertible {
    package let problems: [BundleProblem]

    package init(problems: [BundleProblem]) {
        self.problems = problems
    }

    package var description: String {
        let count = problems.count == 1 ? "1 problem" : "\(problems.count) problems"
        let lines = problems.map { "  \($0.description.replacing("\n", with: "\n  "))" }
        let effect = problems.allSatisfy(\.code.isFromFile) ? ", nothing of them was run" : ""
        return "the bundles were refused\(effect) (\(count)):\n" + lines.joined(separator: "\n")
    }
}
