// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// The configuration of the process, as it was when the process booted.
///
/// Values come from the YAML files in `config/`: a file's name is the first part of a key, so `retries` in
/// `config/billing.yml` is `billing.retries`. Files that the framework does not know belong to the application, and
/// their keys are free.
public struct Configuration: Sendable {
    private let host: any ConfigurationHost

    package init(host: any ConfigurationHost) { self.host = host }

    /// The environment whose sections are in force: `development`, `test`, `production` or any other name.
    public var environment: String { host.environment }

    /// The value at that key, or `nil` when there is none.
    ///
    /// - Parameter key: Names joined by dots, for example `billing.currencies.default`.
    public subscript(key: String) -> JSON? { host.value(at: key) }

    /// The text at that key.
    ///
    /// - Throws: ``ConfigurationError`` when there is none or it is something else.
    public func string(_ key: String) throws -> String { try value(key, String.self) }

    /// The whole number at that key.
    ///
    /// - Throws: ``ConfigurationError`` when there is none or it is something else.
    public func int(_ key: String) throws -> Int { try value(key, Int.self) }

    /// The number at that key.
    ///
    /// - Throws: ``ConfigurationError`` when there is none or it is something else.
    public func double(_ key: String) throws -> Double { try value(key, Double.self) }

    /// The flag at that key.
    ///
    /// - Throws: ``ConfigurationError`` when there is none or it is something else.
    public func bool(_ key: String) throws -> Bool { try value(key, Bool.self) }

    /// The value at that key as a type of your own, for example everything in one file.
    ///
    /// - Parameters:
    ///   - key: Names joined by dots.
    ///   - type: What to read.
    /// - Returns: The value; text from the environment is read as the number or flag that is wanted.
    /// - Throws: ``ConfigurationError`` when there is no value or it does not fit the type.
    public func value<T: Decodable>(_ key: String, _ type: T.Type = T.self) throws -> T {
        guard let value = host.value(at: key) else {
            throw ConfigurationError(key: key, reason: "is not configured")
        }
        do {
            return try JSONDecoding(value: value, path: [], isLenient: true).decodeValue(type)
        } catch let error as DecodingError {
            throw ConfigurationError(key: key, reason: error.reason)
        }
    }
}

/// A key is missing from the configuration or has a value of another kind.
public struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The key that was asked for.
    public let key: String
    /// What is wrong with it.
    public let reason: String

    /// The key with the reason.
    public var description: String { "configuration: \(key) \(reason)" }
}

extension DecodingError {
    /// Path and reason in a few words, for messages to people.
    package var reason: String {
        switch self {
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
            .dataCorrupted(let context):
            let path = context.codingPath.text
            return path.isEmpty ? context.debugDescription : "\(path) \(context.debugDescription)"
        @unknown default: return String(describing: self)
        }
    }
}
