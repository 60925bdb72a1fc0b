// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A function of an existing shared library that is an action, as an `actions/NAME.foreign.yml` describes it.
package struct ForeignDefinition: Sendable, Hashable, Codable {
    package let name: String
    package let version: String
    package let description: String
    /// With a slash a path, from the project unless it is absolute; otherwise a name that the dynamic linker knows.
    package let library: String
    package let symbol: String
    /// The function of the library that frees text which the function returned.
    package let release: String?
    /// In the order of the function's parameters.
    package let inputs: [CInput]
    /// `nil` for `void`.
    package let result: CValueType?

    package init(
        name: String, version: String, description: String, library: String, symbol: String, release: String?,
        inputs: [CInput], result: CValueType?
    ) {
        self.name = name
        self.version = version
        self.description = description
        self.library = library
        self.symbol = symbol
        self.release = release
        self.inputs = inputs
        self.result = result
    }

    /// Whether the library is a file that belongs to the generation, and not one of the system's.
    package var isFile: Bool { library.contains("/") }
}
