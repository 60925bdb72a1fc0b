// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// An error that is meant for the client.
///
///     throw ActionError("no user with this id", status: 404)
///     throw ActionError("card declined", code: "E_CARD", status: 402, fields: ["reason": "expired"])
///
/// The message becomes the response's `error`, and each field a further member beside it. Over HTTP the status is
/// ``status``, or the ``code`` where that is a number between 200 and 599, or `web.defaultErrorStatusCode`.
public struct ActionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What the client reads.
    public var message: String
    /// A code for programs; answered as `code` when it is not an HTTP status.
    public var code: String?
    /// The HTTP status to answer, 200 to 599.
    public var status: Int?
    /// Members to add to the response, beside `error`.
    public var fields: JSON.Object
    /// What to answer as `error` in place of the message; nothing by default.
    public var payload: JSON?

    /// Makes an error.
    ///
    /// - Parameters:
    ///   - message: What the client reads.
    ///   - code: A code for programs.
    ///   - status: The HTTP status to answer, 200 to 599.
    ///   - fields: Members to add to the response, beside `error`.
    public init(_ message: String, code: String? = nil, status: Int? = nil, fields: JSON.Object = [:]) {
        self.message = message
        self.code = code
        self.status = status
        self.fields = fields
        payload = nil
    }

    /// Makes an error whose `error` member is a value of any shape.
    ///
    /// - Parameters:
    ///   - payload: What to answer as `error`.
    ///   - status: The HTTP status to answer, 200 to 599.
    public init(payload: JSON, status: Int? = nil) {
        message = payload.stringValue ?? payload.description
        code = nil
        self.status = status
        fields = [:]
        self.payload = payload
    }

    /// The message.
    public var description: String { message }
}
