// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

/// An input of a C function.
package struct CInput: Sendable, Hashable, Codable {
    package let name: String
    package let help: String
    package let type: CValueType
    package let isRequired: Bool
    package let isSecret: Bool
    /// As text that is converted like a request's.
    package let defaultText: String?

    package init(
        name: String, help: String, type: CValueType, isRequired: Bool, isSecret: Bool, defaultText: String?
    ) {
        self.name = name
        self.help = help
        self.type = type
        self.isRequired = isRequired
        self.isSecret = isSecret
        self.defaultText = defaultText
    }

    /// What validates requests for a function with these inputs.
    ///
    /// - Throws: ``CDefinitionError`` or `DynamicInputError`.
    static func table(_ inputs: [CInput]) throws -> DynamicInputs {
        for (position, input) in inputs.enumerated() {
            if let fault = input.fault { throw CDefinitionError("the input \(input.name) \(fault)") }
            if inputs[..<position].contains(where: { $0.name == input.name }) {
                throw CDefinitionError("the input \(input.name) is there twice")
            }
        }
        return try DynamicInputs(
            inputs.map { input in
                DynamicInput(
                    name: input.name, help: input.help, kind: input.type.inputKind, isRequired: input.isRequired,
                    isSecret: input.isSecret, defaultText: input.defaultText)
            })
    }

    /// Why the properties of the input cannot go together, to follow the input's name in a sentence; `nil` when they
    /// can.
    private var fault: String? {
        switch (isRequired, defaultText) {
        case (true, _?): "is required and has a default; drop one"
        case (false, nil) where !type.isPointer:
            "is neither required nor has a default, and only text and JSON can be absent"
        default: nil
        }
    }
}

/// Parts of a definition do not fit together.
struct CDefinitionError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
