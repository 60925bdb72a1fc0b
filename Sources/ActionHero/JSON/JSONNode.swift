// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// One value under construction, and the encoder that values are told to write themselves to.
///
/// Containers of one encoder share it, whichever order they are written in. One object and not two, because each
/// answer needs one.
final class JSONNode: Encoder {
    enum Slot {
        case value(JSON)
        case node(JSONNode)
    }

    private enum Content {
        case empty
        case single(Slot)
        case array([Slot])
        case object([(name: String, slot: Slot)])
    }

    let codingPath: [any CodingKey]
    private var content = Content.empty

    init(path: [any CodingKey]) {
        codingPath = path
    }

    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        becomeObject()
        return KeyedEncodingContainer(JSONKeyedEncoding<Key>(node: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        becomeArray()
        return JSONUnkeyedEncoding(node: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { JSONSingleValueEncoding(node: self) }

    func set(_ slot: Slot) { content = .single(slot) }

    private func becomeObject() {
        if case .object = content { return }
        content = .object([])
    }

    private func becomeArray() {
        if case .array = content { return }
        content = .array([])
    }

    func add(_ slot: Slot, named name: String) {
        guard case .object(var members) = content else { return }
        // Without this the array below would be shared with `content` and copied for each member.
        content = .empty
        // Most objects are small: room for these at once instead of for one, two and then four.
        if members.isEmpty { members.reserveCapacity(4) }
        members.append((name, slot))
        content = .object(members)
    }

    func append(_ slot: Slot) {
        guard case .array(var elements) = content else { return }
        content = .empty
        elements.append(slot)
        content = .array(elements)
    }

    var count: Int {
        if case .array(let elements) = content { return elements.count }
        return 0
    }
}

extension JSONNode.Slot {
    var json: JSON {
        switch self {
        case .value(let value): value
        case .node(let node): node.json
        }
    }

    func hasMember(_ name: String) -> Bool {
        switch self {
        case .value(let value): value[name] != nil
        case .node(let node): node.hasMember(name)
        }
    }
}

extension JSONNode {
    var json: JSON {
        switch content {
        case .empty: return .object(JSON.Object())
        case .single(let slot): return slot.json
        case .array(let elements): return .array(elements.map(\.json))
        case .object(let members):
            var object = JSON.Object()
            for (name, slot) in members { object[name] = slot.json }
            return .object(object)
        }
    }

    func hasMember(_ name: String) -> Bool {
        switch content {
        case .object(let members): members.contains { $0.name.isSame(as: name) }
        case .single(let slot): slot.hasMember(name)
        case .empty, .array: false
        }
    }

    /// Writes the members of an object without its braces.
    ///
    /// - Returns: `false` when nothing was written because the value is not an object.
    func writeMembers(to writer: inout JSONWriter, isFirst: inout Bool) -> Bool {
        switch content {
        case .object(let members):
            for (name, slot) in members {
                writer.write(name: name, isFirst: isFirst)
                slot.write(to: &writer)
                isFirst = false
            }
            return true
        case .single(let slot): return slot.writeMembers(to: &writer, isFirst: &isFirst)
        case .empty: return true
        case .array: return false
        }
    }

    func write(to writer: inout JSONWriter) {
        switch content {
        case .single(let slot): slot.write(to: &writer)
        case .array(let elements):
            writer.beginArray()
            for (position, slot) in elements.enumerated() {
                writer.separate(isFirst: position == 0)
                slot.write(to: &writer)
            }
            writer.endArray(isEmpty: elements.isEmpty)
        case .empty, .object:
            writer.beginObject()
            var isFirst = true
            _ = writeMembers(to: &writer, isFirst: &isFirst)
            writer.endObject(isEmpty: isFirst)
        }
    }
}

extension JSONNode.Slot {
    func write(to writer: inout JSONWriter) {
        switch self {
        case .value(let value): writer.write(value)
        case .node(let node): node.write(to: &writer)
        }
    }

    func writeMembers(to writer: inout JSONWriter, isFirst: inout Bool) -> Bool {
        switch self {
        case .node(let node): return node.writeMembers(to: &writer, isFirst: &isFirst)
        case .value(let value):
            guard let object = value.objectValue else { return false }
            for (name, value) in object {
                writer.write(name: name, isFirst: isFirst)
                writer.write(value)
                isFirst = false
            }
            return true
        }
    }
}
