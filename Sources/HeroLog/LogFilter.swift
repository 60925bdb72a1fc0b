// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
internal import HeroSystem

/// Shortens and hides values before they are logged.
package struct LogFilter: Sendable {
    private static let mask: JSON = "[FILTERED]"
    /// A shorter secret would also be found in words that have nothing to do with it.
    private static let shortestSecret = 3

    private let maxStringLength: Int
    private let maxArrayLength: Int
    /// Dotted paths of values to hide.
    private let paths: [[String]]
    /// Names of values to hide, at any depth.
    private let names: SecretNames

    /// - Parameters:
    ///   - configuration: How long values may be.
    ///   - names: `general.filteredNames`.
    ///   - paths: Dotted paths of values to hide.
    package init(_ configuration: LoggerConfiguration, names: [String], paths: [String]) {
        maxStringLength = configuration.maxLogStringLength
        maxArrayLength = configuration.maxLogArrayLength
        self.names = SecretNames(names)
        self.paths = paths.map { $0.split(separator: ".").map(String.init) }
    }

    /// - Parameters:
    ///   - object: What is to be logged.
    ///   - inputs: Of the action whose parameters these are; its secret ones are hidden.
    /// - Returns: The object with secret values hidden and long ones shortened.
    package func filtered(_ object: JSON.Object, _ inputs: InputTable? = nil) -> JSON.Object {
        // First, because the beginning of a shortened text could show what is to be hidden.
        var result = hidden(object, inputs)
        if result.allSatisfy({ isShort($0.value) }) { return result }
        for (name, value) in result { result[name] = shortened(value) }
        return result
    }

    /// - Parameters:
    ///   - text: An error's, which may quote the value that it refuses.
    ///   - object: The parameters.
    ///   - inputs: Of the action.
    /// - Returns: The text without the values that are hidden among the parameters.
    package func filtered(_ text: String, quoting object: JSON.Object, _ inputs: InputTable? = nil) -> String {
        Self.without(secrets(of: object, inputs), text)
    }

    /// - Parameters:
    ///   - path: Of a request, as the client has written it.
    ///   - variables: Of the route, which are hidden where they stand: a value need not be among the parameters as it was sent.
    ///   - object: The parameters.
    ///   - inputs: Of the action; `nil` for an unknown one, of whose variables each may be secret.
    /// - Returns: The path without secret variables and without the other values that are hidden among the parameters; decoded
    ///   when it held one of these.
    package func filtered(
        path: String, variables: [PathVariable] = [], quoting object: JSON.Object, _ inputs: InputTable? = nil
    ) -> String {
        let secret = variables.filter { inputs == nil || hides($0.name, of: object, inputs) }
        let path = secret.isEmpty ? path : Self.without(secret, path: path)
        var object = object
        for variable in variables { object[variable.name] = nil }
        let all = allSecrets(of: object, inputs)
        guard !all.isEmpty else { return path }
        var isHidden = false
        let parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { part in
            let text = PercentEncoding.decodeLeniently(part, plusIsSpace: false)
            let spaced = PercentEncoding.decodeLeniently(part, plusIsSpace: true)
            guard all.contains(where: { $0.isSame(as: text) || $0.isSame(as: spaced) }) else { return text }
            isHidden = true
            return "[FILTERED]"
        }
        let decoded = parts.joined(separator: "/")
        // One variable may be the whole rest of a path.
        let result = Self.without(all.filter { $0.utf8.count >= Self.shortestSecret }, decoded)
        return isHidden || !result.isSame(as: decoded) ? result : path
    }

    /// - Parameters:
    ///   - response: What an action answers.
    ///   - object: The parameters, with the names and paths that are hidden there.
    ///   - inputs: Of the action.
    ///   - params: Hides what is secret among the parameters.
    /// - Returns: The response with secret values hidden, those of the parameters wherever they are repeated.
    package func filtered(
        response: JSON.Object, quoting object: JSON.Object, _ inputs: InputTable?, as params: LogFilter
    ) -> JSON.Object {
        let secrets = params.secrets(of: object, inputs)
        guard !secrets.isEmpty, case .object(let plain) = Self.without(secrets, JSON.object(response)) else {
            return filtered(response)
        }
        return filtered(plain)
    }

    /// - Returns: A value of a line as it may be logged under that name.
    package func hidden(_ value: JSON, name: String) -> JSON {
        hidden([name: value], nil)[name] ?? value
    }

    private func hides(_ name: String, of object: JSON.Object, _ inputs: InputTable?) -> Bool {
        // Also where there is no value: it could not be decoded, or a middleware has removed it.
        [JSON.string("-"), object[name] ?? .null].contains { hidden([name: $0], inputs)[name] != $0 }
    }

    private static func without(_ variables: [PathVariable], path: String) -> String {
        let slash = UInt8(ascii: "/")
        let start = path.utf8.firstIndex { $0 != slash } ?? path.endIndex
        var parts = path[start...].utf8.split(separator: slash, omittingEmptySubsequences: false)
            .map { String(Substring($0)) }
        for variable in variables where parts.indices.contains(variable.position) {
            parts[variable.position] = "[FILTERED]"
            if variable.takesRest { parts.removeSubrange((variable.position + 1)...) }
        }
        return path[..<start] + parts.joined(separator: "/")
    }

    /// - Returns: What is hidden of parameters, without what is too short to be looked for in text.
    private func secrets(of object: JSON.Object, _ inputs: InputTable?) -> [String] {
        allSecrets(of: object, inputs).filter { $0.utf8.count >= Self.shortestSecret }
    }

    private func allSecrets(of object: JSON.Object, _ inputs: InputTable?) -> [String] {
        var secrets: [String] = []
        Self.collect(from: .object(object), hidden: .object(hidden(object, inputs)), into: &secrets)
        // The longest first: a shorter one may be part of it.
        return secrets.sorted { $0.utf8.count > $1.utf8.count }
    }

    private static func without(_ secrets: [String], _ text: String) -> String {
        secrets.reduce(text) { $0.replacing($1, with: "[FILTERED]") }
    }

    private static func without(_ secrets: [String], _ value: JSON) -> JSON {
        switch value {
        case .string(let text): return .string(without(secrets, text))
        case .integer, .number: return secrets.contains(value.description) ? mask : value
        case .array(let elements): return .array(elements.map { without(secrets, $0) })
        case .object where value.isNumber: return secrets.contains(value.description) ? mask : value
        case .object(let members):
            var object = JSON.Object()
            for (name, member) in members { object[without(secrets, name)] = without(secrets, member) }
            return .object(object)
        case .null, .bool: return value
        }
    }

    private func hidden(_ object: JSON.Object, _ inputs: InputTable?) -> JSON.Object {
        var result = object
        if let inputs { result = inputs.hidingSecrets(of: result, behind: Self.mask) }
        for path in paths { Self.hide(path[...], in: &result) }
        return hidingNames(in: result) ?? result
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
}

// Paths.
extension LogFilter {
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
            guard JSON.mayBeParsed(text) else { return value }
            guard let parsed = try? JSON(parsing: text) else { return mask }
            return .string(hiding(path, in: parsed).description)
        case .null, .bool, .integer, .number: return value
        }
    }
}

// Names.
extension LogFilter {
    /// - Returns: `nil` when there is nothing to hide.
    private func hidingNames(in object: JSON.Object) -> JSON.Object? {
        var result: JSON.Object?
        for (name, value) in object {
            if value == Self.mask { continue }
            if names.occur(in: name) {
                result = result ?? object
                result?[name] = Self.mask
            } else if let hidden = hidingNames(in: value) {
                result = result ?? object
                result?[name] = hidden
            }
        }
        return result
    }

    private func hidingNames(in value: JSON) -> JSON? {
        switch value {
        case .object(let members): return hidingNames(in: members).map { .object($0) }
        case .array(let elements):
            let hidden = elements.map { hidingNames(in: $0) }
            guard hidden.contains(where: { if case .some = $0 { true } else { false } }) else { return nil }
            return .array(zip(elements, hidden).map { $1 ?? $0 })
        case .string(let text):
            // Letters of a name may be written as escapes.
            guard JSON.mayBeParsed(text) || text.utf8.contains(UInt8(ascii: "{")),
                names.occur(in: text) || text.utf8.contains(UInt8(ascii: "\\"))
            else { return nil }
            // What is nearly JSON, such as an object behind other text, tells nobody where the secret is.
            guard let parsed = try? JSON(parsing: text) else { return names.occur(in: text) ? Self.mask : nearly(text) }
            return hidingNames(in: parsed).map { .string($0.description) }
        case .null, .bool, .integer, .number: return nil
        }
    }
}

extension LogFilter {
    /// Escapes may spell a name in what begins as JSON and is broken; elsewhere a backslash is one.
    private func nearly(_ text: String) -> JSON? { JSON.mayBeParsed(text) ? Self.mask : nil }
}

// Values.
extension LogFilter {
    /// Finds the texts and numbers that stand where the other value has the mask.
    private static func collect(from value: JSON, hidden: JSON, into secrets: inout [String]) {
        if hidden == mask, value != mask { return collect(value, into: &secrets) }
        switch (value, hidden) {
        case (.object(let members), .object(let others)):
            for (name, member) in members { collect(from: member, hidden: others[name] ?? mask, into: &secrets) }
        case (.array(let elements), .array(let others)):
            for (element, other) in zip(elements, others) { collect(from: element, hidden: other, into: &secrets) }
        case (.string(let text), .string(let other)) where text != other:
            guard let parsed = try? JSON(parsing: text), let masked = try? JSON(parsing: other) else {
                return collect(value, into: &secrets)
            }
            collect(from: parsed, hidden: masked, into: &secrets)
        default: break
        }
    }

    private static func collect(_ value: JSON, into secrets: inout [String]) {
        switch value {
        case .string(let text): if !text.isEmpty { secrets.append(text) }
        case .integer, .number: secrets.append(value.description)
        case .object where value.isNumber: secrets.append(value.description)
        case .array(let elements): for element in elements { collect(element, into: &secrets) }
        case .object(let members): for (_, member) in members { collect(member, into: &secrets) }
        case .null, .bool: break
        }
    }
}

extension JSON {
    /// Roughly what the value takes in memory.
    package var approximateBytes: Int {
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
    package var approximateBytes: Int { reduce(32) { $0 + 32 + $1.name.utf8.count + $1.value.approximateBytes } }
}
