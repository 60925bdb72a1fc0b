// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Headers that most responses have, laid out once.
struct UsualHeaders: Sendable {
    /// Names in small letters.
    let fields: [(name: String, value: String)]
    /// The same as text, with their line ends.
    let text: [UInt8]
    /// The same behind the status line of most responses.
    let textWithStatus: [UInt8]

    init(_ fields: [(name: String, value: String)]) {
        self.fields = fields
        text = fields.flatMap { Array("\($0.name): \($0.value)\r\n".utf8) }
        textWithStatus = Array("HTTP/1.1 200 OK\r\n".utf8) + text
    }
}
