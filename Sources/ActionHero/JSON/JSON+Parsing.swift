// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

extension JSON {
    /// Reads one JSON value from text.
    ///
    /// - Parameter text: A JSON document; white space around the value is allowed, anything else is not.
    /// - Throws: ``JSONParsingError`` at the first byte that is not JSON, or when values nest deeper than 512 levels.
    public init(parsing text: String) throws {
        self = try JSON(parsing: Array(text.utf8))
    }

    /// Reads one JSON value from bytes in UTF-8.
    ///
    /// - Parameter bytes: A JSON document in UTF-8 without byte order mark.
    /// - Throws: ``JSONParsingError`` at the first byte that is not JSON or not UTF-8, or when values nest deeper than
    ///   512 levels.
    public init(parsing bytes: [UInt8]) throws {
        self = try bytes.withUnsafeBytes { try JSON(parsing: $0) }
    }

    package init(parsing bytes: UnsafeRawBufferPointer, limits: JSONLimits = JSONLimits()) throws {
        var parser = JSONParser(bytes: bytes, limits: limits)
        self = try parser.parseDocument()
    }
}

/// How much may stand in a JSON document.
package struct JSONLimits: Sendable {
    /// Bounds the stack: input nests as deep as its sender likes.
    var depth = 512
    /// Values of every kind, the document and members included: each takes more memory than its two bytes.
    var values = Int.max

    package init() {}

    package init(depth: Int, values: Int) {
        self.depth = depth
        self.values = values
    }
}

/// Says at which byte a text stopped being JSON, and why.
public struct JSONParsingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was wrong, for example `unexpected character 'x'`.
    public let reason: String
    /// Position of the first offending byte, counted from 0.
    public let offset: Int

    init(_ reason: String, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    /// The reason with its position.
    public var description: String { "\(reason) at byte \(offset)" }
}
