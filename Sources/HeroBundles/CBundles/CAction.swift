// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
internal import CHero

/// An action whose work is done by a C function.
package struct CAction: Sendable {
    package let name: String
    package let version: String
    package let description: String
    /// In the order of the function's parameters.
    package let inputs: DynamicInputs
    private let function: CFunction

    /// - Parameters:
    ///   - name: In requests.
    ///   - version: Tells actions of one name apart.
    ///   - description: In one sentence.
    ///   - inputs: In the order of the function's parameters.
    ///   - result: `nil` for `void`.
    ///   - reportsErrors: Whether the function has a `hero_error *` behind its other parameters.
    ///   - function: Its address. A function of another type is undefined behaviour when the action runs.
    ///   - release: What to do with text that it returned, once that is copied.
    /// - Throws: ``CDefinitionError`` or `DynamicInputError`.
    init(
        name: String, version: String, description: String, inputs: [CInput], result: CValueType?,
        reportsErrors: Bool, function: hero_function, release: CFunction.Release?
    ) throws {
        for (position, input) in inputs.enumerated() {
            if let reason = input.fault { throw CDefinitionError("the input \(input.name) \(reason)") }
            if inputs[..<position].contains(where: { $0.name == input.name }) {
                throw CDefinitionError("the input \(input.name) is there twice")
            }
        }
        let signature = CFunction.Signature(
            parameters: inputs.map(\.type), result: result, reportsErrors: reportsErrors)
        guard let function = CFunction(function, signature, release: release) else {
            throw CDefinitionError("libffi cannot call a function of this type")
        }
        self.name = name
        self.version = version
        self.description = description
        self.inputs = try DynamicInputs(inputs.map(\.dynamic))
        self.function = function
    }

    /// Calls the function on this thread, which may block.
    ///
    /// - Parameter values: What ``inputs`` made of a request's parameters.
    /// - Returns: The response: the members of an object that the function returned, or one member `result`, or none.
    /// - Throws: `ActionError` when the function reports one, ``CResultError`` when its result cannot be used.
    package func run(_ values: [JSON?]) throws -> JSON {
        guard let result = try function.call(values, name: name) else { return [:] }
        if case .object = result { return result }
        return ["result": result]
    }
}

/// An input of a C function.
struct CInput: Sendable, Hashable, Codable {
    var name: String
    var help: String
    var type: CValueType
    var isRequired: Bool
    var isSecret: Bool
    /// As text that is converted like a request's.
    var defaultText: String?

    var dynamic: DynamicInput {
        DynamicInput(
            name: name, help: help, kind: type.inputKind, isRequired: isRequired, isSecret: isSecret,
            defaultText: defaultText)
    }

    /// What is wrong with the combination; follows the input's name in a sentence.
    var fault: String? {
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

/// A C function broke its promise about its result. Not meant for clients.
package struct CResultError: Error, CustomStringConvertible {
    package let description: String
}
