// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

extension InputTable {
    /// Whether any input is secret, those of nested structures included.
    package var hasSecrets: Bool {
        var seen: [any InputObject.Type] = []
        return hasSecrets(beyond: &seen)
    }

    private func hasSecrets(beyond seen: inout [any InputObject.Type]) -> Bool {
        for input in inputs {
            if input.definition.isSecret { return true }
            guard let object = InputShape(of: input.definition.valueType).objectType,
                !seen.contains(where: { $0 == object })
            else { continue }
            seen.append(object)
            if let table = try? InputTable.of(object), table.hasSecrets(beyond: &seen) { return true }
        }
        return false
    }

    /// Replaces the values of secret inputs, however a client may have written them.
    ///
    /// - Parameters:
    ///   - parameters: What the client sent.
    ///   - mask: What to put in their place.
    /// - Returns: The parameters, fit for a log.
    package func hidingSecrets(of parameters: JSON.Object, behind mask: JSON) -> JSON.Object {
        var parameters = parameters
        for input in inputs {
            guard let value = parameters[input.name] else { continue }
            if input.definition.isSecret {
                parameters[input.name] = mask
            } else if let object = InputShape(of: input.definition.valueType).objectType,
                let table = try? InputTable.of(object), table.hasSecrets
            {
                parameters[input.name] = table.hidingSecrets(in: value, behind: mask)
            }
        }
        return parameters
    }

    /// - Parameter value: An object of this table's type, a list of such objects, or objects by name: whichever it is,
    ///   names that are secret inputs are hidden at every level of it.
    private func hidingSecrets(in value: JSON, behind mask: JSON) -> JSON {
        switch value {
        case .array(let elements): return .array(elements.map { hidingSecrets(in: $0, behind: mask) })
        case .object(let members):
            var members = hidingSecrets(of: members, behind: mask)
            for (name, value) in members where !hasInput(name) {
                members[name] = hidingSecrets(in: value, behind: mask)
            }
            return .object(members)
        case .string(let text):
            // Text that holds JSON stands for it; where it is broken, nobody can tell the secret apart.
            guard let first = text.utf8.first, first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else {
                return value
            }
            guard let parsed = try? JSON(parsing: text) else { return mask }
            return .string(hidingSecrets(in: parsed, behind: mask).description)
        case .null, .bool, .integer, .number: return value
        }
    }
}
