// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// One call of a method that was registered.
public struct RPCCall: Sendable {
    /// The method's name without `api.`.
    public let method: String
    /// What it was called with.
    public let arguments: [JSON]
    /// The server id of the caller, as the caller says.
    public let caller: String
    /// The connection that the call is about; `nil` for calls to everybody and to one process.
    public let connectionID: String?

    package init(method: String, arguments: [JSON], caller: String, connectionID: String?) {
        self.method = method
        self.arguments = arguments
        self.caller = caller
        self.connectionID = connectionID
    }

    /// Reads an argument.
    ///
    /// - Parameters:
    ///   - position: Which, from 0; one that was not passed counts as `null`.
    ///   - type: What it is.
    /// - Returns: The argument.
    /// - Throws: `DecodingError` when it is of another type.
    public func argument<Value: Decodable>(_ position: Int, as type: Value.Type = Value.self) throws -> Value {
        try (arguments.indices.contains(position) ? arguments[position] : .null).decode(Value.self)
    }
}
