// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A JSON value as RFC 8259 defines it, with the order of object members preserved.
///
/// Use it where the shape of data is not known when the code is written: raw parameters, configuration of an action's
/// own, answers assembled by hand. Known shapes are better served by `Encodable` and `Decodable` structures.
///
/// The cases are frozen: JSON will not grow new kinds of values.
@frozen
public enum JSON: Sendable {
    /// The literal `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number without fraction or exponent that fits 64 bits.
    case integer(Int)
    /// Any other number that a `Double` holds as it was written; `NaN` and infinities have no JSON form and are written as
    /// `null`, as JavaScript does.
    ///
    /// One with more digits, such as 18446744073709551615, keeps them: see ``numberLiteral``. A `switch` finds it as
    /// ``object(_:)`` whose only member is `$number`, and ``objectValue`` is `nil`.
    case number(Double)
    /// A string of Unicode scalars.
    case string(String)
    /// An ordered list of values.
    case array([JSON])
    /// Members by name, in the order in which they were added.
    case object(Object)
}

extension JSON {
    /// The text if this is a string, otherwise `nil`.
    public var stringValue: String? {
        if case .string(let value) = self { return value }
        return nil
    }

    /// The value if this is `true` or `false`, otherwise `nil`.
    public var boolValue: Bool? {
        if case .bool(let value) = self { return value }
        return nil
    }

    /// The value if this is a whole number that fits `Int`, otherwise `nil`.
    public var intValue: Int? {
        switch self {
        case .integer(let value): value
        case .number(let value): Int(exactly: value)
        // One that fits is kept as such.
        case .null, .bool, .string, .array, .object: nil
        }
    }

    /// The value if this is a number, otherwise `nil`.
    ///
    /// The nearest one: integers above 2^53 and decimals of more than 15 digits may lose precision.
    public var doubleValue: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        case .object(let object): object.storage.literal.flatMap { Double($0) }
        case .null, .bool, .string, .array: nil
        }
    }

    /// The elements if this is an array, otherwise `nil`.
    public var arrayValue: [JSON]? {
        if case .array(let value) = self { return value }
        return nil
    }

    /// The members if this is an object, otherwise `nil`.
    public var objectValue: Object? {
        if case .object(let value) = self, value.storage.literal == nil { return value }
        return nil
    }

    /// Whether this is the literal `null`.
    public var isNull: Bool { self == .null }

    /// The member of that name.
    ///
    /// Reading yields `nil` when this is not an object or has no such member. Writing replaces anything that is not an
    /// object by an object; writing `nil` removes the member.
    public subscript(name: String) -> JSON? {
        get { objectValue?[name] }
        set {
            var object = objectValue ?? Object()
            object[name] = newValue
            self = .object(object)
        }
    }

    /// The element at that position, or `nil` when this is not an array or the position is outside of it.
    public subscript(index: Int) -> JSON? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }
}

extension JSON: Hashable {
    /// Whether both are the same JSON: 1 and 1.0 are, as JSON has only one kind of numbers; texts are when their bytes are.
    public static func == (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.integer(let left), .integer(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.integer(let integer), .number(let number)), (.number(let number), .integer(let integer)):
            Int(exactly: number) == integer
        case (.string(let left), .string(let right)): left.isSame(as: right)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        case (.null, _), (.bool, _), (.integer, _), (.number, _), (.string, _), (.array, _), (.object, _): false
        }
    }

    /// Feeds the value to a hasher.
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0 as UInt8)
        case .bool(let value): hasher.combine(value)
        case .integer(let value): hasher.combine(value)
        case .number(let value):
            // Equal numbers have to have equal hashes, however they are stored.
            if let integer = Int(exactly: value) { hasher.combine(integer) } else { hasher.combine(value) }
        case .string(let value): hasher.combine(ByteKey(value))
        case .array(let elements): hasher.combine(elements)
        case .object(let object): hasher.combine(object)
        }
    }
}

extension JSON: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// Makes `null`.
    public init(nilLiteral: ()) { self = .null }

    /// Makes `true` or `false`.
    public init(booleanLiteral value: Bool) { self = .bool(value) }

    /// Makes a whole number.
    public init(integerLiteral value: Int) { self = .integer(value) }

    /// Makes a number.
    public init(floatLiteral value: Double) { self = .number(value) }

    /// Makes a string.
    public init(stringLiteral value: String) { self = .string(value) }

    /// Makes an array.
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }

    /// Makes an object; of two members with one name, the later value wins at the earlier position.
    public init(dictionaryLiteral elements: (String, JSON)...) {
        var object = Object()
        for (name, value) in elements { object[name] = value }
        self = .object(object)
    }
}

extension JSON: CustomStringConvertible {
    /// The value as compact JSON text.
    public var description: String { text() }

    /// The value as JSON text, formatted as JavaScript's `JSON.stringify` does.
    ///
    /// - Parameter indent: Spaces per level, 0 to 10; `nil` writes everything on one line without spaces.
    /// - Returns: Text that any JSON parser reads back as this value, apart from `NaN` and infinities.
    public func text(indent: Int? = nil) -> String {
        if case .number(let number) = self, let text = JavaScriptNumber.plainText(number) { return text }
        var writer = JSONWriter(indent: indent)
        writer.write(self)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
