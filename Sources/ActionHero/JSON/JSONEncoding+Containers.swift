// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Makes the slot of a number, which has a JSON form only when it is finite.
private func slot(of number: Double, at path: @autoclosure () -> [any CodingKey]) throws -> JSONNode.Slot {
    guard number.isFinite else { throw JSONEncodingError(path: path().text, value: number.description) }
    return .value(.number(number))
}

private func slot(of integer: some BinaryInteger) -> JSONNode.Slot {
    if let value = Int(exactly: integer) { return .value(.integer(value)) }
    return .value(JSON.exact(String(integer)) ?? .number(Double(integer)))
}

struct JSONKeyedEncoding<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let node: JSONNode
    var codingPath: [any CodingKey] { node.codingPath }

    mutating func encodeNil(forKey key: Key) throws { node.add(.value(.null), named: key.stringValue) }
    mutating func encode(_ value: Bool, forKey key: Key) throws { add(.value(.bool(value)), key) }
    mutating func encode(_ value: String, forKey key: Key) throws { add(.value(.string(value)), key) }
    mutating func encode(_ value: Double, forKey key: Key) throws {
        add(try slot(of: value, at: codingPath + [key]), key)
    }
    mutating func encode(_ value: Float, forKey key: Key) throws {
        add(try slot(of: Double(value.description) ?? Double(value), at: codingPath + [key]), key)
    }
    mutating func encode(_ value: Int, forKey key: Key) throws { add(.value(.integer(value)), key) }
    mutating func encode(_ value: Int8, forKey key: Key) throws { add(slot(of: value), key) }
    mutating func encode(_ value: Int16, forKey key: Key) throws { add(slot(of: value), key) }
    mutating func encode(_ value: Int32, forKey key: Key) throws { add(slot(of: value), key) }
    mutating func encode(_ value: Int64, forKey key: Key) throws { add(slot(of: value), key) }
    mutating func encode(_ value: UInt, forKey key: Key) throws { add(slot(of: value), key) }
    mutating func encode(_ value: UInt8, forKey key: Key) throws { add(slot(of: value), key) }
    mutating func encode(_ value: UInt16, forKey key: Key) throws { add(slot(of: value), key) }
    mutating func encode(_ value: UInt32, forKey key: Key) throws { add(slot(of: value), key) }
    mutating func encode(_ value: UInt64, forKey key: Key) throws { add(slot(of: value), key) }
    mutating func encode(_ value: Int128, forKey key: Key) throws { add(slot(of: value), key) }
    mutating func encode(_ value: UInt128, forKey key: Key) throws { add(slot(of: value), key) }

    mutating func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        add(try JSONEncoding.node(of: value, path: codingPath + [key]), key)
    }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy keyType: NestedKey.Type, forKey key: Key
    ) -> KeyedEncodingContainer<NestedKey> {
        openChild(key).container(keyedBy: keyType)
    }

    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        openChild(key).unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder { openChild(JSONKey("super")) }
    mutating func superEncoder(forKey key: Key) -> any Encoder { openChild(key) }

    private func openChild(_ key: any CodingKey) -> JSONNode {
        let child = JSONNode(path: codingPath + [key])
        node.add(.node(child), named: key.stringValue)
        return child
    }

    private func add(_ slot: JSONNode.Slot, _ key: Key) { node.add(slot, named: key.stringValue) }
}

struct JSONUnkeyedEncoding: UnkeyedEncodingContainer {
    let node: JSONNode
    var codingPath: [any CodingKey] { node.codingPath }
    var count: Int { node.count }

    mutating func encodeNil() throws { node.append(.value(.null)) }
    mutating func encode(_ value: Bool) throws { node.append(.value(.bool(value))) }
    mutating func encode(_ value: String) throws { node.append(.value(.string(value))) }
    mutating func encode(_ value: Double) throws { node.append(try slot(of: value, at: elementPath)) }
    mutating func encode(_ value: Float) throws {
        node.append(try slot(of: Double(value.description) ?? Double(value), at: elementPath))
    }
    mutating func encode(_ value: Int) throws { node.append(.value(.integer(value))) }
    mutating func encode(_ value: Int8) throws { node.append(slot(of: value)) }
    mutating func encode(_ value: Int16) throws { node.append(slot(of: value)) }
    mutating func encode(_ value: Int32) throws { node.append(slot(of: value)) }
    mutating func encode(_ value: Int64) throws { node.append(slot(of: value)) }
    mutating func encode(_ value: UInt) throws { node.append(slot(of: value)) }
    mutating func encode(_ value: UInt8) throws { node.append(slot(of: value)) }
    mutating func encode(_ value: UInt16) throws { node.append(slot(of: value)) }
    mutating func encode(_ value: UInt32) throws { node.append(slot(of: value)) }
    mutating func encode(_ value: UInt64) throws { node.append(slot(of: value)) }
    mutating func encode(_ value: Int128) throws { node.append(slot(of: value)) }
    mutating func encode(_ value: UInt128) throws { node.append(slot(of: value)) }

    mutating func encode<T: Encodable>(_ value: T) throws {
        node.append(try JSONEncoding.node(of: value, path: elementPath))
    }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy keyType: NestedKey.Type
    ) -> KeyedEncodingContainer<NestedKey> {
        openChild().container(keyedBy: keyType)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { openChild().unkeyedContainer() }
    mutating func superEncoder() -> any Encoder { openChild() }

    private var elementPath: [any CodingKey] { codingPath + [JSONKey(count)] }

    private func openChild() -> JSONNode {
        let child = JSONNode(path: elementPath)
        node.append(.node(child))
        return child
    }
}

struct JSONSingleValueEncoding: SingleValueEncodingContainer {
    let node: JSONNode
    var codingPath: [any CodingKey] { node.codingPath }

    mutating func encodeNil() throws { node.set(.value(.null)) }
    mutating func encode(_ value: Bool) throws { node.set(.value(.bool(value))) }
    mutating func encode(_ value: String) throws { node.set(.value(.string(value))) }
    mutating func encode(_ value: Double) throws { node.set(try slot(of: value, at: codingPath)) }
    mutating func encode(_ value: Float) throws {
        node.set(try slot(of: Double(value.description) ?? Double(value), at: codingPath))
    }
    mutating func encode(_ value: Int) throws { node.set(.value(.integer(value))) }
    mutating func encode(_ value: Int8) throws { node.set(slot(of: value)) }
    mutating func encode(_ value: Int16) throws { node.set(slot(of: value)) }
    mutating func encode(_ value: Int32) throws { node.set(slot(of: value)) }
    mutating func encode(_ value: Int64) throws { node.set(slot(of: value)) }
    mutating func encode(_ value: UInt) throws { node.set(slot(of: value)) }
    mutating func encode(_ value: UInt8) throws { node.set(slot(of: value)) }
    mutating func encode(_ value: UInt16) throws { node.set(slot(of: value)) }
    mutating func encode(_ value: UInt32) throws { node.set(slot(of: value)) }
    mutating func encode(_ value: UInt64) throws { node.set(slot(of: value)) }
    mutating func encode(_ value: Int128) throws { node.set(slot(of: value)) }
    mutating func encode(_ value: UInt128) throws { node.set(slot(of: value)) }

    mutating func encode<T: Encodable>(_ value: T) throws {
        node.set(try JSONEncoding.node(of: value, path: codingPath))
    }
}
