// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroSystem

/// What a key takes.
indirect enum ConfigurationType: Sendable {
    case flag
    /// - unit: `ms`, `bytes`, …; shown in messages.
    case integer(ClosedRange<Int>, unit: String?)
    case text
    case choice([String])
    case list(of: ConfigurationType)
    /// Any names; `null` removes one.
    case map(of: ConfigurationType)
    /// An object with these members.
    case object([Field])
    /// A TCP port or the path of a Unix socket.
    case portOrSocket
    case anything
    case optional(ConfigurationType)

    struct Field: Sendable {
        let name: String
        let type: ConfigurationType
        let isRequired: Bool

        init(_ name: String, _ type: ConfigurationType, isRequired: Bool = false) {
            self.name = name
            self.type = type
            self.isRequired = isRequired
        }
    }

    /// For a message that lists what is allowed.
    var text: String {
        switch self {
        case .flag: return "true or false"
        case .integer(let range, let unit):
            let unit = unit.map { " \($0)" } ?? ""
            if range.upperBound == .max {
                return "a whole number\(unit.isEmpty ? "" : " of\(unit)"), \(range.lowerBound) or more"
            }
            return "a whole number from \(range.lowerBound) to \(range.upperBound)\(unit)"
        case .text: return "text"
        case .choice(let values): return "one of \(values.joined(separator: ", "))"
        case .list(let element): return "a list of \(element.text)"
        case .map(let element): return "names with \(element.text)"
        case .object(let fields): return "an object with \(fields.map(\.name).joined(separator: ", "))"
        case .portOrSocket: return "a port from 0 to 65535, or the path of a Unix socket"
        case .anything: return "anything"
        case .optional(let type): return "\(type.text), or null"
        }
    }
}

// What stands inside of a value.
extension ConfigurationType {
    /// Whether text is taken as it was written, so that 0123 and 1.10 are no numbers.
    var takesText: Bool {
        switch self {
        case .text, .choice: true
        case .optional(let type): type.takesText
        case .flag, .integer, .list, .map, .object, .portOrSocket, .anything: false
        }
    }

    /// Whether it holds other values.
    var isCollection: Bool {
        switch self {
        case .list, .map, .object: true
        case .optional(let type): type.isCollection
        case .flag, .integer, .text, .choice, .portOrSocket, .anything: false
        }
    }

    var isOptional: Bool {
        if case .optional = self { return true }
        return false
    }

    /// What the elements of a list are; `nil` for what is no list.
    var element: ConfigurationType? {
        switch self {
        case .list(let element): element
        case .optional(let type): type.element
        case .anything: .anything
        case .flag, .integer, .text, .choice, .map, .object, .portOrSocket: nil
        }
    }

    /// What the member of that name is; `nil` where there is none.
    func member(_ name: String) -> ConfigurationType? {
        switch self {
        case .map(let element): element
        case .object(let fields): fields.first { $0.name.isSame(as: name) }?.type
        case .optional(let type): type.member(name)
        case .anything: .anything
        case .flag, .integer, .text, .choice, .list, .portOrSocket: nil
        }
    }
}

extension ConfigurationType {
    /// Reads a value the way it may stand in a file or an environment variable.
    ///
    /// - Returns: The value in its own JSON type: text that came out of a variable becomes the number it stands for.
    func read(_ value: JSON) throws(ConfigurationMismatch) -> JSON {
        switch self {
        case .flag: return .bool(try flag(value))
        case .integer(let range, _): return .integer(try integer(value, range))
        case .text: return .string(try text(value))
        case .choice(let values):
            let text = try text(value)
            guard values.contains(text) else { throw mismatch(value) }
            return .string(text)
        case .list(let element): return try list(value, of: element)
        case .map(let element): return try map(value, of: element)
        case .object(let fields): return try object(value, fields)
        case .portOrSocket: return try portOrSocket(value)
        case .anything: return value
        case .optional(let type):
            // An empty variable stands for "not given".
            if value.isNull || value == "" { return .null }
            // The reference takes false for "none", too.
            if case .text = type, value == false { return .null }
            // What a variable holds is text, and "null" a good password.
            if !type.takesText, value == "null" || value == "~" { return .null }
            do throws(ConfigurationMismatch) {
                return try type.read(value)
            } catch {
                // The message is to list null among what is allowed.
                throw error.reason == type.mismatch(value).reason ? mismatch(value) : error
            }
        }
    }

    private func mismatch(_ value: JSON) -> ConfigurationMismatch {
        let shown = value.stringValue.map { "'\(PlainText.line($0))'" } ?? value.description
        return ConfigurationMismatch(reason: "must be \(text), not \(shown)")
    }

    private func flag(_ value: JSON) throws(ConfigurationMismatch) -> Bool {
        switch value {
        case .bool(let flag): return flag
        case .integer(0): return false
        case .integer(1): return true
        case .string(let text):
            switch text.lowercased() {
            case "true", "yes", "on", "1": return true
            case "false", "no", "off", "0": return false
            default: throw mismatch(value)
            }
        case .null, .integer, .number, .array, .object: throw mismatch(value)
        }
    }

    private func integer(_ value: JSON, _ range: ClosedRange<Int>) throws(ConfigurationMismatch) -> Int {
        guard let number = value.intValue ?? value.stringValue.flatMap({ Int($0) }), range.contains(number) else {
            throw mismatch(value)
        }
        return number
    }

    private func text(_ value: JSON) throws(ConfigurationMismatch) -> String {
        switch value {
        case .string(let text): return text
        // As JSON has them; those of YAML files have stayed text (``SectionReader``).
        case .integer, .bool: return value.description
        case .object where value.isNumber: return value.description
        // 1.10 is 1.1 by now, and 1e5 100000.
        case .number: throw ConfigurationMismatch(reason: "must be \(text), not a number: put it in quotes")
        case .null, .array, .object: throw mismatch(value)
        }
    }

    private func list(_ value: JSON, of element: ConfigurationType) throws(ConfigurationMismatch) -> JSON {
        let values: [JSON]
        switch value {
        case .array(let elements): values = elements
        // An environment variable holds a list as words between commas.
        case .string(let text):
            values = text.split(separator: ",").map { word in
                let word = word.drop { $0 == " " }
                return .string(
                    String(word.prefix(upTo: word.lastIndex { $0 != " " }.map(word.index(after:)) ?? word.startIndex)))
            }
        case .null, .bool, .integer, .number, .object: throw mismatch(value)
        }
        var result: [JSON] = []
        for (position, member) in values.enumerated() {
            result.append(try nested(element, member, at: "[\(position)]"))
        }
        return .array(result)
    }

    private func map(_ value: JSON, of element: ConfigurationType) throws(ConfigurationMismatch) -> JSON {
        guard let members = value.objectValue else { throw mismatch(value) }
        var result = JSON.Object()
        for (name, member) in members where !member.isNull {
            result[name] = try nested(element, member, at: ".\(name)")
        }
        return .object(result)
    }

    private func object(_ value: JSON, _ fields: [Field]) throws(ConfigurationMismatch) -> JSON {
        guard let members = value.objectValue else { throw mismatch(value) }
        var result = JSON.Object()
        for (name, member) in members {
            guard let field = fields.first(where: { $0.name.isSame(as: name) }) else {
                throw ConfigurationMismatch(reason: "has no member '\(name)'; it is \(text)")
            }
            result[name] = try nested(field.type, member, at: ".\(name)")
        }
        if let missing = fields.first(where: { $0.isRequired && result[$0.name] == nil }) {
            throw ConfigurationMismatch(reason: "lacks '\(missing.name)'")
        }
        return .object(result)
    }

    private func portOrSocket(_ value: JSON) throws(ConfigurationMismatch) -> JSON {
        if let number = value.intValue ?? value.stringValue.flatMap({ Int($0) }) {
            guard (0...65_535).contains(number) else { throw mismatch(value) }
            return .integer(number)
        }
        guard let path = value.stringValue, path.contains("/") else { throw mismatch(value) }
        return .string(path)
    }

    private func nested(
        _ type: ConfigurationType, _ value: JSON, at path: String
    ) throws(ConfigurationMismatch) -> JSON {
        do {
            return try type.read(value)
        } catch {
            throw ConfigurationMismatch(reason: error.reason, path: path + error.path)
        }
    }
}
