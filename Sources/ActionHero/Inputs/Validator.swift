// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A rule that an input's value has to meet.
public struct Validator<Value: Sendable>: Sendable {
    let check: @Sendable (Value) throws -> Void

    /// Makes a rule from a function that throws the error to answer, usually an ``ActionError``.
    ///
    /// - Parameter check: Gets the formatted value; runs on the event loop, so it must not block.
    public init(_ check: @escaping @Sendable (Value) throws -> Void) {
        self.check = check
    }

    /// Accepts values for which the function returns `true`.
    ///
    /// - Parameters:
    ///   - message: What to answer otherwise; by default `Input for parameter "name" failed validation!`.
    ///   - isValid: Gets the formatted value; runs on the event loop, so it must not block.
    /// - Returns: The rule.
    public static func custom(
        _ message: String? = nil, _ isValid: @escaping @Sendable (Value) throws -> Bool
    ) -> Self {
        Validator { value in
            if try !isValid(value) { throw ValidationFailure(message: message.map { .whole($0) } ?? .standard) }
        }
    }
}

extension Validator where Value: Equatable {
    /// Accepts the listed values only.
    ///
    /// - Parameter values: What is allowed.
    /// - Returns: The rule.
    public static func oneOf(_ values: Value...) -> Self {
        Validator { value in
            if values.contains(value) { return }
            let list = values.map { "\($0)" }.joined(separator: ", ")
            throw ValidationFailure(message: .predicate("must be one of \(list)"))
        }
    }
}

extension Validator where Value: Comparable {
    /// Accepts values within the range, both ends included.
    ///
    /// - Parameter range: What is allowed, in the unit of the input.
    /// - Returns: The rule.
    public static func range(_ range: ClosedRange<Value>) -> Self {
        Validator { value in
            if range.contains(value) { return }
            throw ValidationFailure(
                message: .predicate("must be between \(range.lowerBound) and \(range.upperBound)"))
        }
    }

    /// Accepts values from the bound upwards.
    ///
    /// - Parameter range: What is allowed, in the unit of the input.
    /// - Returns: The rule.
    public static func range(_ range: PartialRangeFrom<Value>) -> Self {
        Validator { value in
            if range.contains(value) { return }
            throw ValidationFailure(message: .predicate("must be at least \(range.lowerBound)"))
        }
    }

    /// Accepts values up to the bound, which is included.
    ///
    /// - Parameter range: What is allowed, in the unit of the input.
    /// - Returns: The rule.
    public static func range(_ range: PartialRangeThrough<Value>) -> Self {
        Validator { value in
            if range.contains(value) { return }
            throw ValidationFailure(message: .predicate("must be at most \(range.upperBound)"))
        }
    }
}

extension Validator where Value: Collection {
    /// Accepts text or lists whose number of characters or elements lies within the range.
    ///
    /// - Parameter range: Characters of a text, elements of a list.
    /// - Returns: The rule.
    public static func length(_ range: ClosedRange<Int>) -> Self {
        Validator { value in
            if range.contains(value.count) { return }
            let bounds = "between \(range.lowerBound) and \(range.upperBound)"
            throw ValidationFailure(message: .predicate("must have \(bounds) \(Self.unit)"))
        }
    }

    /// Accepts text or lists with at least that many characters or elements.
    ///
    /// - Parameter range: Characters of a text, elements of a list.
    /// - Returns: The rule.
    public static func length(_ range: PartialRangeFrom<Int>) -> Self {
        Validator { value in
            if range.contains(value.count) { return }
            throw ValidationFailure(message: .predicate("must have at least \(range.lowerBound) \(Self.unit)"))
        }
    }

    /// Accepts text or lists with at most that many characters or elements.
    ///
    /// - Parameter range: Characters of a text, elements of a list.
    /// - Returns: The rule.
    public static func length(_ range: PartialRangeThrough<Int>) -> Self {
        Validator { value in
            if range.contains(value.count) { return }
            throw ValidationFailure(message: .predicate("must have at most \(range.upperBound) \(Self.unit)"))
        }
    }

    private static var unit: String { Value.self == String.self ? "characters" : "elements" }
}

extension Validator<String> {
    /// Accepts text in which the regular expression matches somewhere; anchor it to match the whole text.
    ///
    /// - Parameter expression: A regular expression in Swift's syntax. One that cannot be read rejects every value with
    ///   a message that says so.
    /// - Returns: The rule.
    public static func pattern(_ expression: String) -> Self {
        // Compiled per call: Regex is not Sendable. Inputs are short and the engine caches nothing across threads.
        Validator { value in
            guard let regex = try? Regex(expression) else {
                throw ValidationFailure(message: .predicate("has an unreadable rule: \(expression)"))
            }
            if try regex.firstMatch(in: value) != nil { return }
            throw ValidationFailure(message: .predicate("must match \(expression)"))
        }
    }
}

/// Why a value was refused, before the input's name is known.
struct ValidationFailure: Error {
    enum Message {
        /// The reference's text for a validator that returned false.
        case standard
        /// The complete message.
        case whole(String)
        /// What follows the input's name.
        case predicate(String)
    }

    let message: Message

    func text(for name: String) -> String {
        switch message {
        case .standard: "Input for parameter \"\(name)\" failed validation!"
        case .whole(let text): text
        case .predicate(let text): "\(name) \(text)"
        }
    }
}
