// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// One input as documentation shows it.
package struct InputDescription: Sendable {
    package let name: String
    package let help: String
    package let isRequired: Bool
    package let isSecret: Bool
    /// The type for a reader: `text`, `whole number`, `list of text`, `object`, and so on.
    package let type: String
    /// The default as JSON text, when it is the same for each request.
    package let defaultText: String?
    /// The inputs of a nested object, or of the objects in a list.
    package let nested: [InputDescription]

    /// - Parameters:
    ///   - entry: The input.
    ///   - outer: The types of objects that it stands in; a structure that holds itself is described once.
    init(_ entry: InputTable.Entry, within outer: [any InputObject.Type]) {
        name = entry.name
        help = entry.definition.help
        isRequired = entry.definition.isRequired
        isSecret = entry.definition.isSecret
        defaultText = entry.definition.defaultText
        let shape = InputShape(of: entry.definition.valueType)
        type = shape.text
        guard let object = shape.objectType, !outer.contains(where: { $0 == object }),
            let table = try? InputTable.of(object)
        else {
            nested = []
            return
        }
        nested = table.inputs.map { InputDescription($0, within: outer + [object]) }
    }
}
