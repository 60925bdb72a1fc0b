// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero

/// What a call will answer.
///
/// A value type; ``ActionCall`` guards the one that several tasks may touch.
package struct ResponseState: Sendable {
    /// What an answer can have; below are statuses that only announce one.
    static let statuses = 200...599

    /// Headers that are the server's to write: where a response ends, whether another may follow, and when it was made.
    package static let reservedHeaders: Set<String> = [
        "connection", "content-length", "date", "keep-alive", "transfer-encoding",
    ]

    /// The HTTP status that the action chose.
    package var status: Int?
    /// In the order in which they were added; the last of one name wins.
    package var headers: [(name: String, value: String)] = []
    /// Headers that come first and keep their capitals.
    package var directHeaders: [(name: String, value: String)] = []
    /// What takes the place of the output.
    package var body: ResponseBody?
    /// Whether that has the configured headers and the session cookie beside its own.
    package var hasConfiguredHeaders = true

    /// Members that middleware and the action put there, or whatever replaced them; `nil` stands for no members.
    private var base: JSON?
    /// What the action returned, kept apart so that the usual case is written without being taken apart again.
    private var output: EncodedOutput?

    package init() {}

    /// The whole response as a value.
    package var data: JSON {
        get {
            guard let output else { return base ?? [:] }
            return Self.merged(base, output.json)
        }
        set {
            base = newValue
            output = nil
        }
    }

    package mutating func setOutput(_ output: EncodedOutput) {
        // An output that is no object replaces everything, as assigning data.response does in the reference.
        self.output = output
    }

    private static func merged(_ base: JSON?, _ output: JSON) -> JSON {
        guard let members = base?.objectValue, let added = output.objectValue else { return output }
        var result = members
        result.merge(added)
        return .object(result)
    }

    /// Whether the response has a member `error`, which makes it a failure over HTTP.
    package var hasError: Bool {
        if let output, output.hasMember("error") { return true }
        return base?["error"] != nil
    }

    /// Adds an error the way the reference does: beside other members, in place of a string or array, and never in place
    /// of an error that is there already.
    mutating func add(_ error: PresentedError) {
        switch data {
        case .object where data.isNumber: data = ["error": error.value]
        case .string, .array: data = .string("Error: \(error.message)")
        case .object(var members):
            if members["error"] == nil { members["error"] = error.value }
            for (name, value) in error.fields where members[name] == nil { members[name] = value }
            data = .object(members)
        case .null, .bool, .integer, .number: data = ["error": error.value]
        }
    }

    /// Writes the beginning of the response's object, up to and without its closing brace.
    ///
    /// - Parameters:
    ///   - bytes: Where it is appended; unchanged when the response is not an object.
    ///   - indent: Spaces per level; `nil` for everything on one line.
    /// - Returns: Whether no member stands in it; `nil` when the response is not an object.
    package func openObject(in bytes: inout [UInt8], indent: Int?) -> Bool? {
        if base == nil, let output { return output.openObject(in: &bytes, indent: indent) }
        return EncodedOutput(data).openObject(in: &bytes, indent: indent)
    }
}
