// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// An input that is described by data instead of a property, as actions in other languages have them.
package struct DynamicInput: Sendable {
    /// The types that such an input can have.
    package enum Kind: Sendable, Hashable {
        case boolean
        case int32
        case uint32
        case integer
        case number
        /// Text without NUL characters, which would end it early in C.
        case text
        case json
    }

    package let name: String
    package let help: String
    package let kind: Kind
    package let isRequired: Bool
    package let isSecret: Bool
    /// What stands for an absent value, as text that is converted like a request's.
    package let defaultText: String?

    package init(
        name: String, help: String, kind: Kind, isRequired: Bool, isSecret: Bool = false, defaultText: String? = nil
    ) {
        self.name = name
        self.help = help
        self.kind = kind
        self.isRequired = isRequired
        self.isSecret = isSecret
        self.defaultText = defaultText
    }
}

/// A default that its input would refuse in a request.
package struct DynamicInputError: Error, CustomStringConvertible {
    package let description: String
}
