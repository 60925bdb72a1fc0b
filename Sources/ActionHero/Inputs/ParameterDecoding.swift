// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Makes instances of input objects from parameters.
///
/// The compiler's `init(from:)` of an action asks this decoder for each property in turn. A property that is an
/// ``Input`` finds its definition here and resolves itself; so a request costs no reflection.
final class ParameterDecoding: Decoder {
    private let members: JSON.Object
    private let table: InputTable
    let codingPath: [any CodingKey]
    private let report: InputReport
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    /// The input that is decoded now or was decoded last, as a position in the table.
    private var position = -1

    init(members: JSON.Object, table: InputTable, path: [any CodingKey], report: InputReport) {
        self.members = members
        self.table = table
        self.codingPath = path
        self.report = report
    }

    /// - Throws: `InputProblemsReported` when the report has got a problem.
    func instantiate<I: InputObject>(_ type: I.Type) throws -> I {
        do {
            return try I(from: self)
        } catch is InputProblemsReported {
            checkRemaining()
            throw InputProblemsReported()
        } catch {
            report.add(error, at: codingPath)
            checkRemaining()
            throw InputProblemsReported()
        }
    }

    /// The first problem ended `init(from:)`; the inputs behind it are looked at here, so that all are reported.
    private func checkRemaining() {
        while report.failure == nil, position + 1 < table.inputs.count {
            position += 1
            let input = table.inputs[position]
            input.definition.check(members[input.name], path: path(of: input), report: report)
        }
    }

    func resolveInput<Value: Decodable & Sendable>() throws -> Value {
        guard table.inputs.indices.contains(position),
            let definition = table.inputs[position].definition as? InputDefinition<Value>
        else { throw InputTableMismatch(key: codingPath.text) }
        let input = table.inputs[position]
        guard let value = definition.resolve(members[input.name], path: path(of: input), report: report) else {
            throw InputProblemsReported()
        }
        return value
    }

    /// Properties are decoded in the order of their declaration, so the next one is nearly always the right one.
    fileprivate func select(_ key: some CodingKey) -> Bool {
        let name = key.stringValue
        if position + 1 < table.inputs.count, table.inputs[position + 1].key == name {
            position += 1
            return true
        }
        guard let found = table.inputs.firstIndex(where: { $0.key == name }) else { return false }
        position = found
        return true
    }

    private func path(of input: InputTable.Entry) -> [any CodingKey] { codingPath + [JSONKey(input.name)] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(ParameterContainer<Key>(decoding: self, plain: plain))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { try plain.unkeyedContainer() }
    func singleValueContainer() throws -> any SingleValueDecodingContainer { try plain.singleValueContainer() }

    /// The same members for properties that are not inputs.
    private var plain: JSONDecoding {
        JSONDecoding(value: .object(members), path: codingPath, isLenient: true, report: report)
    }
}

/// An action's `init(from:)` asked for an input that its `init()` did not declare: it was written by hand.
struct InputTableMismatch: Error, CustomStringConvertible {
    let key: String
    var description: String { "the input \(key) was decoded but is not declared; remove the custom init(from:)" }
}

private struct ParameterContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoding: ParameterDecoding
    let plain: JSONDecoding

    var codingPath: [any CodingKey] { decoding.codingPath }
    var allKeys: [Key] { members.allKeys }

    private var members: JSONKeyedDecoding<Key> {
        JSONKeyedDecoding(decoding: plain, members: plain.value.objectValue ?? JSON.Object())
    }

    func contains(_ key: Key) -> Bool { members.contains(key) }
    func decodeNil(forKey key: Key) throws -> Bool { try members.decodeNil(forKey: key) }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        if decoding.select(key) { return try T(from: decoding) }
        return try members.decode(type, forKey: key)
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> {
        try members.nestedContainer(keyedBy: type, forKey: key)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try members.nestedUnkeyedContainer(forKey: key)
    }

    func superDecoder() throws -> any Decoder { try members.superDecoder() }
    func superDecoder(forKey key: Key) throws -> any Decoder { try members.superDecoder(forKey: key) }
}
