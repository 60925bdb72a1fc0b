// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// What has to be done with an input before it may be logged.
enum InputSecrecy: Sendable {
    case secret
    /// Inputs of a nested structure are secret.
    case nested(any InputObject.Type)
}

extension InputTable {
    /// Replaces the values of secret inputs, however deep they stand and however a client may have written them.
    ///
    /// - Parameters:
    ///   - parameters: What the client sent.
    ///   - mask: What to put in their place.
    /// - Returns: The parameters, fit for a log.
    package func hidingSecrets(of parameters: JSON.Object, behind mask: JSON) -> JSON.Object {
        var parameters = parameters
        for (name, secrecy) in secrets {
            guard let value = parameters[name] else { continue }
            switch secrecy {
            case .secret: parameters[name] = mask
            case .nested(let type):
                if let table = try? InputTable.of(type) {
                    parameters[name] = table.hidingSecrets(in: value, behind: mask)
                }
            }
        }
        return parameters
    }

    /// Hides what is secret in an object of this table's type, in a list of such objects, and in objects by name.
    ///
    /// - Parameters:
    ///   - value: What stands there.
    ///   - mask: What to put in the place of secrets.
    ///   - isObject: Whether such an object is wanted there: text that is none is refused then.
    /// - Returns: The value, fit for a log.
    private func hidingSecrets(in value: JSON, behind mask: JSON, isObject: Bool = true) -> JSON {
        switch value {
        case .array(let elements): return .array(elements.map { hidingSecrets(in: $0, behind: mask) })
        case .object where value.isNumber: return value
        case .object(let members):
            var result = hidingSecrets(of: members, behind: mask)
            for (name, value) in members where !hasInput(name) {
                result[name] = hidingSecrets(in: value, behind: mask, isObject: false)
            }
            return .object(result)
        case .string(let text):
            guard JSON.mayBeParsed(text) || isObject && text.utf8.contains(where: { "{[\"'=:".utf8.contains($0) })
            else {
                return value
            }
            // Text that holds JSON stands for it; where it is broken, or only nearly JSON, nobody can tell the secret apart.
            guard let parsed = try? JSON(parsing: text) else { return mask }
            return .string(hidingSecrets(in: parsed, behind: mask).description)
        case .null, .bool, .integer, .number: return value
        }
    }

    /// The inputs that are secret or hold such, by their names in requests.
    func findSecrets() -> [(name: String, secrecy: InputSecrecy)] {
        inputs.compactMap { input in
            if input.definition.isSecret { return (input.name, .secret) }
            guard let type = InputShape(of: input.definition.valueType).objectType else { return nil }
            var seen = [type]
            guard let table = try? InputTable.of(type), table.reachesSecret(&seen) else { return nil }
            return (input.name, .nested(type))
        }
    }

    /// - Parameter seen: Types that have been looked at, as a structure may hold itself.
    /// - Returns: Whether any input is secret, those of nested structures included.
    private func reachesSecret(_ seen: inout [any InputObject.Type]) -> Bool {
        for input in inputs {
            if input.definition.isSecret { return true }
            guard let type = InputShape(of: input.definition.valueType).objectType,
                !seen.contains(where: { $0 == type })
            else { continue }
            seen.append(type)
            if let table = try? InputTable.of(type), table.reachesSecret(&seen) { return true }
        }
        return false
    }
}

extension JSON {
    /// Whether a text may stand for an object or a list: blanks, and a byte order mark, are allowed in front of it.
    package static func mayBeParsed(_ text: String) -> Bool {
        let blanks: [UInt8] = [0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF]
        let first = text.utf8.first { !blanks.contains($0) }
        return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
    }
}
