// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

/// Shortens and hides values before they are logged.
struct LogFilter: Sendable {
    private static let mask: JSON = "[FILTERED]"

    private let maxStringLength: Int
    private let maxArrayLength: Int
    /// Dotted paths of values to hide.
    private let paths: [[String]]

    init(_ configuration: CoreConfiguration, paths: [String]) {
        maxStringLength = configuration.logger.maxLogStringLength
        maxArrayLength = configuration.logger.maxLogArrayLength
        self.paths = paths.map { $0.split(separator: ".").map(String.init) }
    }

    /// - Parameters:
    ///   - object: What is to be logged.
    ///   - record: The action whose parameters these are; its secret inputs are hidden.
    /// - Returns: The object with secret values hidden and long ones shortened.
    func filtered(_ object: JSON.Object, _ record: ActionRecord? = nil) -> JSON.Object {
        var result = object
        // First, because the beginning of a shortened text could show what is to be hidden.
        if let record { result = record.inputs.hidingSecrets(of: result, behind: Self.mask) }
        for path in paths { Self.hide(path[...], in: &result) }
        if result.allSatisfy({ isShort($0.value) }) { return result }
        for (name, value) in result { result[name] = shortened(value) }
        return result
    }

    private func isShort(_ value: JSON) -> Bool {
        switch value {
        case .array(let elements): elements.count <= maxArrayLength
        case .string(let text): text.utf8.count <= maxStringLength
        case .null, .bool, .integer, .number, .object: true
        }
    }

    private func shortened(_ value: JSON) -> JSON {
        switch value {
        case .array(let elements) where elements.count > maxArrayLength: return .string("\(elements.count) items")
        case .string(let text) where text.utf8.count > maxStringLength:
            return .string(String(text.prefix(maxStringLength)))
        case .null, .bool, .integer, .number, .string, .array, .object: return value
        }
    }

    private static func hide(_ path: ArraySlice<String>, in object: inout JSON.Object) {
        guard let name = path.first, let value = object[name] else { return }
        let rest = path.dropFirst()
        object[name] = rest.isEmpty ? mask : hiding(rest, in: value)
    }

    /// Elements of lists are looked into as well: `users.password` hides the password of each.
    private static func hiding(_ path: ArraySlice<String>, in value: JSON) -> JSON {
        switch value {
        case .object(var members):
            hide(path, in: &members)
            return .object(members)
        case .array(let elements): return .array(elements.map { hiding(path, in: $0) })
        case .string(let text):
            // Clients may send an object as text; where it is broken, nobody can tell the secret apart.
            guard let first = text.utf8.first, first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else {
                return value
            }
            guard let parsed = try? JSON(parsing: text) else { return mask }
            return .string(hiding(path, in: parsed).description)
        case .null, .bool, .integer, .number: return value
        }
    }
}

extension JSON {
    /// Roughly what the value takes in memory.
    var approximateBytes: Int {
        switch self {
        case .null, .bool, .integer, .number: 16
        case .string(let text): 16 + text.utf8.count
        case .array(let elements): elements.reduce(32) { $0 + $1.approximateBytes }
        case .object(let members): members.approximateBytes
        }
    }
}

extension JSON.Object {
    /// Roughly what the members take in memory.
    var approximateBytes: Int { reduce(32) { $0 + 32 + $1.name.utf8.count + $1.value.approximateBytes } }
}
