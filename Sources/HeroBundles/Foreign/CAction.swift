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
        self.inputs = try CInput.table(inputs)
        let signature = CFunction.Signature(
            parameters: inputs.map(\.type), result: result, reportsErrors: reportsErrors)
        guard let function = CFunction(function, signature, release: release) else {
            throw CDefinitionError("libffi cannot call a function of this type")
        }
        self.name = name
        self.version = version
        self.description = description
        self.function = function
    }

    /// Calls the function on this thread, which may block.
    ///
    /// - Parameter values: What ``inputs`` made of a request's parameters.
    /// - Returns: The response: the members of an object that the function returned, or one member `result`, or none.
    /// - Throws: `ActionError` when the function reports one, ``CResultError`` when its result cannot be used.
    package func run(_ values: [JSON?]) throws -> JSON {
        guard let result = try function.call(values, name: name) else { return [:] }
        if result.objectValue != nil { return result }
        return ["result": result]
    }
}

/// A C function broke its promise about its result.
///
/// Not meant for clients: it reaches them as an unexpected error.
package struct CResultError: Error, CustomStringConvertible {
    package let description: String
}
