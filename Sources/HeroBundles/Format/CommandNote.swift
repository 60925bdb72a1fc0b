// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero

/// A command as its bundle's note describes it, so that `hero help` needs no code of the bundle.
package struct CommandNote: Sendable, Hashable, Codable {
    /// One of its inputs.
    package struct Input: Sendable, Hashable, Codable {
        package let name: String
        /// For a reader, such as `whole number`.
        package let type: String
        package let help: String
        package let isRequired: Bool
        /// The default as JSON text, when it is the same for each call.
        package let defaultText: String?

        init(_ input: InputDescription) {
            name = input.name
            type = input.type
            help = input.help
            isRequired = input.isRequired
            defaultText = input.defaultText
        }
    }

    package let name: String
    package let description: String
    package let example: String
    package let inputs: [Input]

    package init(name: String, description: String, example: String, inputs: InputTable) {
        self.name = name
        self.description = description
        self.example = example
        self.inputs = inputs.descriptions.map(Input.init)
    }
}
