// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

/// What a bundle says about itself, kept in its ELF note so that it can be read without running the bundle.
package struct BundleManifest: Sendable, Hashable, Codable {
    /// How the bundle was made and so how it is loaded.
    ///
    /// Open: later hosts know more kinds.
    package struct Kind: Sendable, Hashable, Codable, RawRepresentable {
        package let rawValue: String
        package init(rawValue: String) { self.rawValue = rawValue }

        /// Swift types that conform to the SDK's protocols.
        package static let swift = Kind(rawValue: "swift")
        /// A table of C functions, described by `hero_bundle.h`.
        package static let c = Kind(rawValue: "c")
        /// A Swift module that bundles share; it defines nothing for the host.
        package static let library = Kind(rawValue: "library")
        /// The host itself, which carries the note so that it knows its own compiler.
        package static let host = Kind(rawValue: "host")
    }

    /// The version of this format; a host refuses a higher one than its own.
    package static let currentFormat = 1

    package var format: Int
    package var kind: Kind
    /// The bundle's name for people; `actions/billing/createInvoice`.
    package var name: String
    /// Semantic version of the bundle; 0.0.0 when nobody gave one.
    package var version: String
    /// The Swift module's name, unique within a generation.
    package var module: String
    /// The SDK version that the bundle was compiled against.
    package var sdk: String
    /// SHA-256 of that SDK's `.swiftinterface`, in hexadecimal; empty where no Swift is involved.
    package var sdkInterface: String
    /// The compiler's full version, `6.3.1 (swift-6.3.1-RELEASE)`; absent where no Swift is involved.
    package var swift: String?
    /// The target triple.
    package var target: String
    /// Hash over sources, flags and SDK.
    ///
    /// Equal inputs have equal values: no time of day goes into it.
    package var build: String
    /// Compiler flags that matter to a reader.
    package var flags: [String]
    /// Hash over the contents of the sources, see ``SourceFiles/fingerprint(of:in:)``.
    ///
    /// Absent in bundles that were linked by hand or built by an earlier hero.
    package var sources: String?
    /// The commands of the bundle; absent when whoever made it has not looked, empty when there are none.
    package var commands: [CommandNote]?
    /// SHA-256 of a library's module: of all that a compiler builds into what imports it, such as the layout of types;
    /// not of the bodies of functions.
    ///
    /// Absent for everything else.
    package var interface: String?
    /// The libraries of the project that this was compiled against: their interface by the name of the module.
    package var libraries: [String: String]?
    /// The descriptions of C libraries that it could import: a hash over each by its directory, see
    /// ``SourceFiles/headers(in:)``.
    package var headers: [String: String]?

    package init(
        kind: Kind, name: String, version: String = "0.0.0", module: String, sdk: String, sdkInterface: String,
        swift: String?, target: String, build: String, flags: [String] = [], sources: String? = nil
    ) {
        format = Self.currentFormat
        self.kind = kind
        self.name = name
        self.version = version
        self.module = module
        self.sdk = sdk
        self.sdkInterface = sdkInterface
        self.swift = swift
        self.target = target
        self.build = build
        self.flags = flags
        self.sources = sources
    }

    /// The manifest as it stands in the note.
    var encoded: [UInt8] {
        get throws { Array(try JSON(self).description.utf8) }
    }

    /// - Throws: `JSONParsingError` or `DecodingError`.
    init(encoded: some Sequence<UInt8>) throws {
        self = try JSON(parsing: Array(encoded)).decode()
    }
}
