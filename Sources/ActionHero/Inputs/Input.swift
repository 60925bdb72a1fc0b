// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// One input of an action, a command or a nested object.
///
/// An input is required unless its type is optional or it has a default:
///
///     @Input("The key to store") var key: String
///     @Input("How many to list", validate: .range(1...100)) var limit = 20
///     @Input("Only those that begin with this text", format: .trimmed) var prefix: String?
///
/// A value passes these steps: default when it is absent; conversion to the declared type (text from URLs, forms and
/// sockets becomes the number, flag, list or object that is wanted); formatters in order; validators in order. The
/// documentation of the API and the flags of the command line are made from the same declaration.
@propertyWrapper
public struct Input<Value: Decodable & Sendable>: Sendable {
    private enum State: Sendable {
        case definition(InputDefinition<Value>)
        case value(Value)
    }

    private var state: State

    init(definition: InputDefinition<Value>) {
        state = .definition(definition)
    }

    /// The value of this request.
    ///
    /// In an instance that was made with `init()` an input has its default, or `nil` when it is optional; a required one
    /// has no value until it is set, and reading it is a programming error.
    public var wrappedValue: Value {
        get {
            switch state {
            case .value(let value): return value
            case .definition(let definition):
                guard let value = definition.absentValue() else {
                    preconditionFailure(
                        "a required input was read before it had a value: set it, or let the host make the instance")
                }
                return value
            }
        }
        set { state = .value(newValue) }
    }
}

extension Input {
    /// Declares an input.
    ///
    /// - Parameters:
    ///   - help: What the input means, in one sentence; shown in the API's documentation and by `--help`.
    ///   - name: Its name in requests, when it is not the property's.
    ///   - secret: Whether the value is kept out of logs. Default: `false`.
    ///   - format: Conversions applied in order to a value that was given.
    ///   - validate: Rules that a value has to meet; all errors are collected and the first is answered.
    public init(
        _ help: String, name: String? = nil, secret: Bool = false,
        format: Formatter<Value>..., validate: Validator<Value>...
    ) {
        self.init(
            definition: InputDefinition(
                help: help, name: name, isSecret: secret, defaultValue: nil,
                formatters: format.map { $0.apply }, validators: validate.map { $0.check },
                problem: Self.problem(validate)))
    }

    /// Declares an input that has a default and so is not required.
    ///
    /// - Parameters:
    ///   - wrappedValue: The default; evaluated anew for each request that needs it.
    ///   - help: What the input means, in one sentence.
    ///   - name: Its name in requests, when it is not the property's.
    ///   - secret: Whether the value is kept out of logs. Default: `false`.
    ///   - format: Conversions applied in order to a value that was given.
    ///   - validate: Rules that a value has to meet, the default included.
    public init(
        wrappedValue: @autoclosure @escaping @Sendable () -> Value, _ help: String, name: String? = nil,
        secret: Bool = false, format: Formatter<Value>..., validate: Validator<Value>...
    ) {
        self.init(
            definition: InputDefinition(
                help: help, name: name, isSecret: secret, defaultValue: wrappedValue,
                formatters: format.map { $0.apply }, validators: validate.map { $0.check },
                problem: Self.problem(validate)))
    }

    /// Declares an input that has a default and so is not required.
    ///
    /// - Parameters:
    ///   - help: What the input means, in one sentence.
    ///   - name: Its name in requests, when it is not the property's.
    ///   - default: The default; evaluated anew for each request that needs it.
    ///   - secret: Whether the value is kept out of logs. Default: `false`.
    ///   - format: Conversions applied in order to a value that was given.
    ///   - validate: Rules that a value has to meet, the default included.
    public init(
        _ help: String, name: String? = nil, default: @autoclosure @escaping @Sendable () -> Value,
        secret: Bool = false, format: Formatter<Value>..., validate: Validator<Value>...
    ) {
        self.init(
            definition: InputDefinition(
                help: help, name: name, isSecret: secret, defaultValue: `default`,
                formatters: format.map { $0.apply }, validators: validate.map { $0.check },
                problem: Self.problem(validate)))
    }

    /// Declares an optional input; rules apply to a value that was given.
    ///
    /// - Parameters:
    ///   - help: What the input means, in one sentence.
    ///   - name: Its name in requests, when it is not the property's.
    ///   - secret: Whether the value is kept out of logs. Default: `false`.
    ///   - format: Conversions applied in order to a value that was given.
    ///   - validate: Rules that a value that was given has to meet.
    public init<Wrapped>(
        _ help: String, name: String? = nil, secret: Bool = false,
        format: Formatter<Wrapped>..., validate: Validator<Wrapped>...
    ) where Value == Wrapped? {
        self.init(
            definition: InputDefinition(
                help: help, name: name, isSecret: secret, defaultValue: nil,
                formatters: format.map { formatter in { try $0.map(formatter.apply) } },
                validators: validate.map { validator in { try $0.map(validator.check) } },
                problem: Self.problem(validate)))
    }

    // Inputs are made for each request, and a key path to a member of a generic type is made each time that it is used: a
    // fifth of the time of a small job. So there are none here.
    private static func problem<V>(_ rules: [Validator<V>]) -> String? {
        for rule in rules { if let problem = rule.problem { return problem } }
        return nil
    }
}

extension Input: Decodable {
    /// Takes the value that the host has prepared, or reads a plain value from any other decoder.
    public init(from decoder: any Decoder) throws {
        if let parameters = decoder as? ParameterDecoding {
            state = .value(try parameters.resolveInput())
        } else {
            state = .value(try Value(from: decoder))
        }
    }
}

extension Input: InputDeclaration {
    var anyDefinition: (any AnyInputDefinition)? {
        if case .definition(let definition) = state { return definition }
        return nil
    }

    func assignedJSON() throws -> JSON? {
        guard case .value(let value) = state else { return nil }
        return try InputValues.json(of: value)
    }
}

/// How ``InputTable`` and ``InputValues`` look into an instance without knowing the types of its inputs.
protocol InputDeclaration {
    var anyDefinition: (any AnyInputDefinition)? { get }
    /// What it was set to, as it is written into a job; `nil` when it was left alone or set to nothing.
    ///
    /// - Throws: ``InputNotEncodable``, `JSONEncodingError`.
    func assignedJSON() throws -> JSON?
}
