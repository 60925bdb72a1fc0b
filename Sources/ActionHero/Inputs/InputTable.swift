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
    /// Found when the first line is logged: looking at types costs much more than a boot should.
    private let knownSecrets = Mutex<[(name: String, secrecy: InputSecrecy)]?>(nil)

    init(inputs: [Entry]) {
        self.inputs = inputs
    }

    package var isEmpty: Bool { inputs.isEmpty }

    /// What documentation, command lines and logs need to know of each input, in the order of declaration.
    package var descriptions: [InputDescription] {
        inputs.map { InputDescription($0, within: []) }
    }

    /// Names of inputs in requests, in the order of declaration.
    package var names: [String] { inputs.map(\.name) }

    var secrets: [(name: String, secrecy: InputSecrecy)] {
        if let known = knownSecrets.withLock({ $0 }) { return known }
        let found = findSecrets()
        knownSecrets.withLock { $0 = found }
        return found
    }

    /// Whether an input of that name takes uploads.
    package func takesUploads(_ name: String) -> Bool {
        inputs.contains { $0.name.isSame(as: name) && InputShape(of: $0.definition.valueType).isUpload }
    }

    /// Whether requests may carry an input of that name.
    package func hasInput(_ name: String) -> Bool { inputs.contains { $0.name.isSame(as: name) } }

    /// What is stored of a job's inputs: those that were given, then the defaults of those that were not.
    ///
    /// Defaults that have no JSON form are left out, and get their value where the job runs.
    package func fillingDefaults(of parameters: JSON.Object) -> JSON.Object {
        var filled = parameters
        for input in inputs where filled[input.name] == nil {
            if let value = input.definition.defaultJSON { filled[input.name] = value }
        }
        return filled
    }

    /// - Throws: ``InputDeclarationError`` when two inputs have one name, or a rule of one can never be met.
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
        for child in try Self.declarations(of: type) {
            guard let label = child.label, let declaration = child.value as? any InputDeclaration,
                let definition = declaration.anyDefinition
            else { continue }
            let key = Self.property(label)
            let name = definition.explicitName ?? key
            if inputs.contains(where: { $0.name.isSame(as: name) }) {
                throw InputDeclarationError(type: "\(type)", name: name, problem: nil)
            }
            if let problem = definition.problem {
                throw InputDeclarationError(type: "\(type)", name: name, problem: problem)
            }
            inputs.append(Entry(key: key, name: name, definition: definition))
        }
        self.init(inputs: inputs)
    }

    /// - Returns: The properties that `init(from:)` fills: of a subclass those of the class that it inherits it from.
    /// - Throws: ``InputDeclarationError`` for an input of another class, which would never have a value.
    private static func declarations(of type: any InputObject.Type) throws -> Mirror.Children {
        var mirrors: [Mirror] = []
        var next: Mirror? = Mirror(reflecting: type.init())
        while let mirror = next {
            mirrors.append(mirror)
            next = mirror.superclassMirror
        }
        // The class that is the first to be `Decodable` has it, and the others inherit it.
        guard mirrors.count > 1, let owner = mirrors.lastIndex(where: { $0.subjectType is any Decodable.Type }) else {
            return mirrors[0].children
        }
        for (position, mirror) in mirrors.enumerated() where position != owner {
            if let stray = mirror.children.first(where: { $0.value is any InputDeclaration }) {
                throw InputDeclarationError(
                    type: "\(mirror.subjectType)", name: Self.property(stray.label ?? ""),
                    problem: "would never have a value: only inputs of \(mirrors[owner].subjectType) are filled, "
                        + "from which init(from:) comes; declare it there, or use a struct")
            }
        }
        return mirrors[owner].children
    }

    /// A property wrapper's storage is the property's name behind an underscore.
    static func property(_ label: String) -> String {
        label.hasPrefix("_") ? String(label.dropFirst()) : label
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

    /// Checks parameters for which no instance is wanted, at a fraction of the cost of one.
    ///
    /// - Parameters:
    ///   - parameters: What is to be stored, for an instance that is made later.
    ///   - missingValues: Values that count as missing for a required input.
    /// - Throws: ``InputProblems`` as ``instantiate(_:from:missingValues:)`` does.
    package func check(_ parameters: JSON.Object, missingValues: [JSON]) throws(InputProblems) {
        let report = InputReport(missingValues: missingValues)
        for input in inputs where report.failure == nil {
            input.definition.check(parameters[input.name], path: [JSONKey(input.name)], report: report)
        }
        if let problems = report.problems { throw problems }
    }
}

/// Two inputs of one type have the same name, or one cannot be used.
package struct InputDeclarationError: Error, CustomStringConvertible {
    package let type: String
    package let name: String
    /// What is wrong with it; `nil` where there are two.
    let problem: String?

    package var description: String {
        guard let problem else { return "\(type) declares the input \(name) twice; rename one" }
        return "the input \(name) of \(type) \(problem)"
    }
}
