// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// One input with its type erased.
struct DynamicField: Sendable {
    typealias Resolve = @Sendable (_ raw: JSON?, _ path: [any CodingKey], InputReport) -> JSON?

    let definition: any AnyInputDefinition
    /// `nil` for an absent value, or after a problem went to the report.
    let resolve: Resolve

    init(_ input: DynamicInput) throws {
        switch input.kind {
        case .boolean: try self.init(input) { (value: Bool) in .bool(value) }
        case .int32: try self.init(input) { (value: Int32) in .integer(Int(value)) }
        case .uint32: try self.init(input) { (value: UInt32) in .integer(Int(value)) }
        case .integer: try self.init(input) { (value: Int) in .integer(value) }
        case .number: try self.init(input) { (value: Double) in .number(value) }
        case .text: try self.init(input, validate: Self.refuseNUL) { (value: String) in .string(value) }
        case .json: try self.init(input, format: Self.unfold) { (value: JSON) in value }
        }
    }

    private init<Value: Codable & Sendable>(
        _ input: DynamicInput, format: (@Sendable (Value) throws -> Value)? = nil,
        validate: (@Sendable (Value) throws -> Void)? = nil, json: @escaping @Sendable (Value) -> JSON
    ) throws {
        if !input.isRequired, input.defaultText == nil {
            let definition = InputDefinition<Value?>(
                help: input.help, name: nil, isSecret: input.isSecret, defaultValue: nil,
                formatters: format.map { format in [{ try $0.map(format) }] } ?? [],
                validators: validate.map { validate in [{ try $0.map(validate) }] } ?? [])
            self.definition = definition
            resolve = { definition.resolve($0, path: $1, report: $2)?.map(json) }
            return
        }
        func definition(defaultValue: (@Sendable () -> Value)?) -> InputDefinition<Value> {
            InputDefinition(
                help: input.help, name: nil, isSecret: input.isSecret, defaultValue: defaultValue,
                formatters: format.map { [$0] } ?? [], validators: validate.map { [$0] } ?? [])
        }
        var defaultValue: (@Sendable () -> Value)?
        if let text = input.defaultText {
            let value = try Self.value(of: text, input, definition(defaultValue: nil))
            defaultValue = { value }
        }
        let final = definition(defaultValue: defaultValue)
        self.definition = final
        resolve = { final.resolve($0, path: $1, report: $2).map(json) }
    }

    private static func value<Value>(
        of text: String, _ input: DynamicInput, _ definition: InputDefinition<Value>
    ) throws(DynamicInputError) -> Value {
        let subject = "the default '\(text)' of the input \(input.name)"
        var raw = JSON.string(text)
        if input.kind == .json {
            do {
                raw = try JSON(parsing: text)
            } catch {
                throw DynamicInputError(description: "\(subject) is not JSON: \(error)")
            }
        }
        let report = InputReport(missingValues: [])
        if let value = definition.resolve(raw, path: [JSONKey(subject)], report: report) { return value }
        // Empty text stands for nothing, which is reported as missing.
        throw DynamicInputError(description: report.invalid.first.map { "\($0)" } ?? "\(subject) is empty")
    }

    @Sendable private static func refuseNUL(_ text: String) throws {
        if text.utf8.contains(0) { throw ValidationFailure(message: .predicate("must not contain NUL characters")) }
    }

    /// URLs, forms and the command line can write lists and objects as text only.
    @Sendable private static func unfold(_ value: JSON) -> JSON {
        JSONScalars(value: value, isLenient: true, path: []).structured
    }
}
