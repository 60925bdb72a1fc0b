// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

final class InputDefinition<Value: Decodable & Sendable>: AnyInputDefinition {
    let help: String
    let explicitName: String?
    let isSecret: Bool
    private let defaultValue: (@Sendable () -> Value)?
    private let formatters: [@Sendable (Value) throws -> Value]
    private let validators: [@Sendable (Value) throws -> Void]
    /// Whether there are any: to look at a list of functions of a generic type costs more than most values.
    private let (isFormatted, isValidated): (Bool, Bool)
    let problem: String?

    init(
        help: String, name: String?, isSecret: Bool, defaultValue: (@Sendable () -> Value)?,
        formatters: [@Sendable (Value) throws -> Value], validators: [@Sendable (Value) throws -> Void],
        problem: String? = nil
    ) {
        self.help = help
        self.explicitName = name
        self.isSecret = isSecret
        self.defaultValue = defaultValue
        self.formatters = formatters
        self.validators = validators
        (isFormatted, isValidated) = (!formatters.isEmpty, !validators.isEmpty)
        self.problem = problem
    }

    var valueType: Any.Type { Value.self }

    var isRequired: Bool { defaultValue == nil && !(Value.self is any OptionalValue.Type) }

    /// A default that differs from call to call (an identifier, a date) would be wrong in documentation.
    var defaultText: String? {
        guard let defaultValue, let value = defaultValue() as? any Encodable, let text = try? JSON(value).description,
            let again = defaultValue() as? any Encodable, (try? JSON(again).description) == text
        else { return nil }
        return text
    }

    var defaultJSON: JSON? { defaultValue.flatMap { try? InputValues.json(of: $0()) } }

    /// The value of an input that was not given: its default, `nil` when it is optional, or nothing.
    func absentValue() -> Value? {
        if let defaultValue { return defaultValue() }
        return (Value.self as? any OptionalValue.Type)?.absent as? Value
    }

    func check(_ raw: JSON?, path: [any CodingKey], report: InputReport) {
        _ = resolve(raw, path: path, report: report)
    }

    /// The value of a request, or `nil` after a problem went to the report.
    func resolve(_ raw: JSON?, path: [any CodingKey], report: InputReport) -> Value? {
        guard let raw, !standsForNothing(raw) else { return resolveAbsent(raw, path: path, report: report) }
        if isRequired, report.missingValues.contains(raw) {
            report.addMissing(path)
            return nil
        }
        do {
            let decoding = JSONDecoding(value: raw, path: path, isLenient: true, report: report)
            return validate(try format(try decoding.decodeValue(Value.self)), path: path, report: report)
        } catch {
            report.add(error, at: path)
            return nil
        }
    }

    /// An empty text is a value for text, and the absence of one for everything else: `?limit=&prefix=`.
    private func standsForNothing(_ raw: JSON) -> Bool {
        if case .null = raw { return Value.self != JSON.self }
        guard raw == .string("") else { return false }
        return Value.self != String.self && Value.self != String?.self && Value.self != JSON.self
    }

    private func resolveAbsent(_ raw: JSON?, path: [any CodingKey], report: InputReport) -> Value? {
        guard let value = absentValue() else {
            report.addMissing(path)
            return nil
        }
        return defaultValue == nil ? value : validate(value, path: path, report: report)
    }

    private func format(_ value: Value) throws -> Value {
        guard isFormatted else { return value }
        do {
            return try formatters.reduce(value) { try $1($0) }
        } catch {
            throw FormattingFailure(cause: error)
        }
    }

    private func validate(_ value: Value, path: [any CodingKey], report: InputReport) -> Value? {
        guard isValidated else { return value }
        var isValid = true
        for validator in validators {
            do {
                try validator(value)
            } catch {
                report.add(error, at: path)
                isValid = false
            }
        }
        return isValid ? value : nil
    }
}

/// A formatter threw; unlike a validator's, its error ends the action at once.
struct FormattingFailure: Error {
    let cause: any Error
}

/// Tells optional types apart without knowing what they wrap.
private protocol OptionalValue {
    static var absent: Self { get }
}

extension Optional: OptionalValue {
    fileprivate static var absent: Self { .none }
}
