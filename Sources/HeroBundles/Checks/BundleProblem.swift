// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Why a bundle is refused; one code per cause. `docs/bundle-errors.md` explains each.
public struct BundleProblem: Error, Sendable, Hashable, Codable, CustomStringConvertible {
    /// 1xx come from the file alone, 3xx from loading it. Open: later hosts know more.
    public struct Code: Sendable, Hashable, Codable, RawRepresentable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Not a 64-bit ELF shared object.
        public static let notShared = Code(rawValue: "HB101")
        /// A table or segment ends beyond the file, or the file changed while it was copied.
        public static let truncated = Code(rawValue: "HB102")
        /// Built for another machine.
        public static let machine = Code(rawValue: "HB103")
        /// No or unreadable note.
        public static let note = Code(rawValue: "HB104")
        /// The note's format is newer than this host.
        public static let format = Code(rawValue: "HB105")
        /// Built by another compiler.
        public static let compiler = Code(rawValue: "HB106")
        /// Built for another major version of the SDK.
        public static let sdkMajor = Code(rawValue: "HB107")
        /// Uses declarations of the SDK that this host lacks.
        public static let symbols = Code(rawValue: "HB108")
        /// Contains its own copy of the SDK or the Swift runtime.
        public static let ownCopy = Code(rawValue: "HB109")
        /// Needs a library by absolute path, or one that is not there.
        public static let library = Code(rawValue: "HB110")
        /// Needs a newer C library.
        public static let glibc = Code(rawValue: "HB111")
        /// Two bundles have one module name.
        public static let moduleName = Code(rawValue: "HB112")
        /// The dynamic linker refused it.
        public static let load = Code(rawValue: "HB301")
        /// No type of the SDK in it.
        public static let nothingFound = Code(rawValue: "HB302")
        /// Two bundles define one name.
        public static let nameConflict = Code(rawValue: "HB303")
        /// What it defines is not valid.
        public static let definition = Code(rawValue: "HB306")
    }

    public let code: Code
    /// The bundle's name, when its note could be read.
    public let bundle: String?
    /// The file as the user knows it, relative to the project.
    public let file: String
    public let expected: String?
    public let found: String?
    /// What to do.
    public let remedy: String
    /// The whole story in one line.
    public let message: String

    init(
        _ code: Code, file: String, bundle: String? = nil, expected: String? = nil, found: String? = nil,
        _ message: String, remedy: String
    ) {
        self.code = code
        self.bundle = bundle
        self.file = file
        self.expected = expected
        self.found = found
        self.remedy = remedy
        self.message = message
    }

    public var description: String { "\(code.rawValue) \(message) – \(remedy)" }
}

/// Everything that is wrong with the bundles of a generation, so that one deploy shows all of it.
public struct BundlesRefused: Error, Sendable, CustomStringConvertible {
    public let problems: [BundleProblem]

    public init(problems: [BundleProblem]) {
        self.problems = problems
    }

    public var description: String {
        let count = problems.count == 1 ? "1 problem" : "\(problems.count) problems"
        let lines = problems.map { "  \($0.description.replacing("\n", with: "\n  "))" }
        return "the bundles were refused, nothing of them was run (\(count)):\n" + lines.joined(separator: "\n")
    }
}
