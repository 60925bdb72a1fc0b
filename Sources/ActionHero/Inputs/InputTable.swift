// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// The inputs of one type, read once from an instance made with `init()`.
package final class InputTable: Sendable {
    struct Entry: Sendable {
        /// The property's name, which is its coding key.
        let key: String
        /// The name in requests.
        let name: String
        let definition: any AnyInputDefinition
    }

    let inputs: [Entry]

    init(inputs: [Entry]) {
        self.inputs = inputs
    }

    package var isEmpty: Bool { inputs.isEmpty }

    /// What documentation, command lines and logs need to know of each input, in the order of declaration.
    package var descriptions: [InputDescription] {
        inputs.map { InputDescription($0) }
    }

    /// Names of inputs in requests, in the order of declaration.
    package var names: [String] { inputs.map(\.name) }

    /// Names of the inputs that are kept out of logs.
    package var secretNames: [String] { inputs.filter(\.definition.isSecret).map(\.name) }

    /// Whether requests may carry an input of that name.
    package func hasInput(_ name: String) -> Bool { inputs.contains { $0.name == name } }

    /// - Throws: ``InputDeclarationError`` when two inputs have one name.
    package static func of(_ type: any InputObject.Type) throws -> InputTable {
        let identifier = ObjectIdentifier(type)
        if let known = tables.withLock({ $0[identifier] }) { return known }
        let table = try InputTable(reading: type)
        tables.withLock { $0[identifier] = table }
        return table
    }

    /// Bundles are never unloaded, so the number of types bounds this cache.
    private static let tables = Mutex<[ObjectIdentifier: InputTable]>([:])

    private convenience init(reading type: any InputObject.Type) throws {
        var inputs: [Entry] = []
        // Most actions have no inputs, and a mirror is among the slowest things that a start does.
        guard Self.size(of: type) > 0 else {
            self.init(inputs: [])
            return
        }
        for child in Mirror(reflecting: type.init()).children {
            guard let label = child.label, let declaration = child.value as? any InputDeclaration,
                let definition = declaration.anyDefinition
            else { continue }
            // A property wrapper's storage is the property's name behind an underscore.
            let key = label.hasPrefix("_") ? String(label.dropFirst()) : label
            let name = definition.explicitName ?? key
            if inputs.contains(where: { $0.name == name }) {
                throw InputDeclarationError(type: "\(type)", name: name)
            }
            inputs.append(Entry(key: key, name: name, definition: definition))
        }
        self.init(inputs: inputs)
    }

    /// Bytes that an instance takes; none when it has no stored properties.
    private static func size<I: InputObject>(of type: I.Type) -> Int { MemoryLayout<I>.size }

    /// Makes an instance for one request.
    ///
    /// - Parameters:
    ///   - type: The type that this table describes.
    ///   - parameters: What the client sent.
    ///   - missingValues: Values that count as missing for a required input.
    /// - Returns: The instance, all of whose inputs have a value.
    /// - Throws: ``InputProblems`` with everything that is missing or invalid.
    package func instantiate<I: InputObject>(
        _ type: I.Type, from parameters: JSON.Object, missingValues: [JSON]
    ) throws(InputProblems) -> I {
        let report = InputReport(missingValues: missingValues)
        let decoding = ParameterDecoding(members: parameters, table: self, path: [], report: report)
        do {
            return try decoding.instantiate(type)
        } catch {
            throw report.problems ?? .invalid([error])
        }
    }
}

/// Two inputs of one type have the same name.
package struct InputDeclarationError: Error, CustomStringConvertible {
    package let type: String
    package let name: String
    package var description: String { "\(type) declares the input \(name) twice; rename one" }
}

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

    init(_ entry: InputTable.Entry) {
        name = entry.name
        help = entry.definition.help
        isRequired = entry.definition.isRequired
        isSecret = entry.definition.isSecret
        defaultText = entry.definition.defaultText
        let shape = InputShape(of: entry.definition.valueType)
        type = shape.text
        nested = shape.objectType.flatMap { try? InputTable.of($0) }?.descriptions ?? []
    }
}

/// What kind of value a type takes.
struct InputShape {
    let text: String
    let objectType: (any InputObject.Type)?

    init(of type: Any.Type) {
        switch type {
        case let wrapper as any ElementType.Type:
            let element = InputShape(of: wrapper.element)
            text = wrapper.describe(element.text)
            objectType = element.objectType
        case let object as any InputObject.Type:
            text = "object"
            objectType = object
        default:
            text = Self.scalarText(type)
            objectType = nil
        }
    }

    private static func scalarText(_ type: Any.Type) -> String {
        switch type {
        case is String.Type: "text"
        case is Bool.Type: "true or false"
        case is any FixedWidthInteger.Type: "whole number"
        case is any BinaryFloatingPoint.Type: "number"
        case is JSON.Type: "any JSON"
        case let enumeration as any CaseIterable.Type: Self.cases(enumeration) ?? "\(type)"
        default: "\(type)"
        }
    }

    private static func cases<E: CaseIterable>(_ type: E.Type) -> String? {
        let values = type.allCases.compactMap { ($0 as? any RawRepresentable)?.rawValue }
        return values.isEmpty ? nil : "one of " + values.map { "\($0)" }.joined(separator: ", ")
    }
}

private protocol ElementType {
    static var element: Any.Type { get }
    static func describe(_ element: String) -> String
}

extension Optional: ElementType {
    fileprivate static var element: Any.Type { Wrapped.self }
    fileprivate static func describe(_ element: String) -> String { element }
}

extension Array: ElementType {
    fileprivate static var element: Any.Type { Element.self }
    fileprivate static func describe(_ element: String) -> String { "list of \(element)" }
}
