// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// What the application's web server has answered a test.
public struct SpecResponse: Sendable {
    /// The HTTP status.
    public let status: Int
    /// All headers in the order and with the capitals in which they were sent.
    public let headers: [(name: String, value: String)]
    /// The body as it was sent, without what only frames it.
    public let body: [UInt8]
    /// Whether the body has come to its end within ``SpecRequest/timeout`` and ``SpecRequest/maximumBodySize``.
    public let isComplete: Bool

    package init(status: Int, headers: [(name: String, value: String)], body: [UInt8], isComplete: Bool) {
        self.status = status
        self.headers = headers
        self.body = body
        self.isComplete = isComplete
    }

    /// The first header of that name, in any capitals, or `nil`.
    public func header(_ name: String) -> String? {
        let wanted = name.lowercased().utf8
        return headers.first { $0.name.lowercased().utf8.elementsEqual(wanted) }?.value
    }

    /// The body as text; bytes that are no UTF-8 become U+FFFD.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The body as JSON; `nil` when it is none.
    public var json: JSON? { try? JSON(parsing: body) }

    /// A member of the JSON object in the body; `nil` when there is none of that name.
    public subscript(name: String) -> JSON? { json?[name] }

    /// The values of the cookies that were set, by name; removed ones are not among them.
    public var cookies: [String: String] {
        var values: [String: String] = [:]
        for cookie in receivedCookies { values[cookie.name] = cookie.value }
        return values
    }

    struct ReceivedCookie {
        let name: String
        /// `nil` when the server removes it.
        let value: String?
    }

    var receivedCookies: [ReceivedCookie] {
        headers.filter { $0.name.lowercased() == "set-cookie" }.compactMap { header in
            let parts = header.value.split(separator: ";", omittingEmptySubsequences: false)
            guard let pair = parts.first, let equals = pair.firstIndex(of: "=") else { return nil }
            let isRemoved = parts.dropFirst().contains { part in
                let words = part.split(separator: "=", maxSplits: 1).map { Self.trimmed($0) }
                return words.first?.lowercased() == "max-age" && words.count == 2 && (Int(words[1]) ?? 1) <= 0
            }
            let value = Self.trimmed(pair[pair.index(after: equals)...])
            return ReceivedCookie(name: Self.trimmed(pair[..<equals]), value: isRemoved ? nil : value)
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        var rest = text.drop { $0 == " " }
        while rest.last == " " { rest.removeLast() }
        return String(rest)
    }
}
