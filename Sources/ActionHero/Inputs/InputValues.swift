// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Reads the inputs of an instance back, so that they can be sent to the process that will run it.
enum InputValues {
    /// The inputs of an instance that were set, by their names in requests, in the order of their declaration.
    ///
    /// - Parameter instance: Made with `init()`, and then changed.
    /// - Returns: Nothing of the inputs that were left alone.
    /// - Throws: ``TaskError`` for an input that has no JSON form.
    static func object(of instance: some InputObject) throws -> JSON.Object {
        let table = try InputTable.of(type(of: instance))
        var object = JSON.Object()
        guard !table.isEmpty else { return object }
        var mirror: Mirror? = Mirror(reflecting: instance)
        while let level = mirror {
            for child in level.children {
                guard let label = child.label, let declaration = child.value as? any InputDeclaration else { continue }
                let key = InputTable.property(label)
                guard let entry = table.inputs.first(where: { $0.key == key }) else { continue }
                do {
                    object[entry.name] = try declaration.assignedJSON()
                } catch let problem as InputNotEncodable {
                    throw TaskError(
                        .notEncodable,
                        "the input \(entry.name) cannot be written as JSON: \(problem.type) is not Encodable")
                }
            }
            mirror = level.superclassMirror
        }
        return object
    }

    /// - Returns: `nil` for an optional without a value.
    static func json(of value: Any) throws -> JSON? {
        switch value {
        // Optionals first: an absent one conforms to Encodable, too, and would be null.
        case let container as any InputContainer: try container.inputJSON()
        case let encodable as any Encodable: try JSON(encodable)
        case let object as any InputObject: .object(try Self.object(of: object))
        default: throw InputNotEncodable(type: "\(type(of: value))")
        }
    }
}

/// Inside of an error that names the input.
struct InputNotEncodable: Error {
    let type: String
}

/// What may hold input objects, which need not be Encodable.
private protocol InputContainer {
    func inputJSON() throws -> JSON?
}

extension Optional: InputContainer {
    fileprivate func inputJSON() throws -> JSON? { try flatMap { try InputValues.json(of: $0) } }
}

extension Array: InputContainer {
    fileprivate func inputJSON() throws -> JSON? { .array(try map { try InputValues.json(of: $0) ?? .null }) }
}

extension Dictionary: InputContainer where Key == String {
    fileprivate func inputJSON() throws -> JSON? {
        var object = JSON.Object()
        // A dictionary has no order, and equal jobs have equal bytes.
        for (name, value) in sorted(by: { $0.key < $1.key }) { object[name] = try InputValues.json(of: value) ?? .null }
        return .object(object)
    }
}
