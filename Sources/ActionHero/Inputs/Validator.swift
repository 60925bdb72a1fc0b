// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A rule that an input's value has to meet.
public struct Validator<Value: Sendable>: Sendable {
    let check: @Sendable (Value) throws -> Void
    /// What keeps the rule from ever being met, which stops the boot.
    var problem: String?

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
            // Texts are the same when their bytes are, for whoever gets them next.
            let isListed = (value as? String).map { (values as? [String])?.containsSame($0) ?? false }
            if isListed ?? values.contains(value) { return }
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
    /// The search takes time in proportion to the text, whatever a client sends, and so the expression has no references
    /// back (`\1`) and no look around (`(?=…)`, `(?<!…)`). `\d`, `\w`, `\s` and `\b` know ASCII only, as in JavaScript;
    /// `\p{L}` is any letter. A dot is one Unicode scalar.
    ///
    /// - Parameter expression: A regular expression in [RE2's syntax](https://github.com/google/re2/wiki/Syntax), compiled
    ///   once; `(?<name>…)` and `\u00e9` are understood, too. One that cannot be read stops the boot with the reason.
    /// - Returns: The rule; it refuses text of more than 1 MiB unread.
    public static func pattern(_ expression: String) -> Self {
        let compiled: LinearExpression
        do throws(LinearExpressionError) {
            compiled = try LinearExpression(expression)
        } catch {
            let problem = "has an unreadable rule: \(expression) – \(error)"
            var rule = Validator { _ in throw ValidationFailure(message: .predicate(problem)) }
            rule.problem = problem
            return rule
        }
        return Validator { value in
            guard value.utf8.count <= longestSearchedBytes else {
                throw ValidationFailure(message: .predicate("must have at most \(longestSearchedBytes) bytes"))
            }
            if compiled.matches(value) { return }
            throw ValidationFailure(message: .predicate("must match \(expression)"))
        }
    }

    /// What is searched on the event loop in one go: some hundredths of a second in the worst case.
    private static var longestSearchedBytes: Int { 1 << 20 }
}
