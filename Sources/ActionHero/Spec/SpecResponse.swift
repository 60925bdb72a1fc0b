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

    /// Seconds since 1970; what cookies expire by.
    private let receivedAt: Int

    package init(
        status: Int, headers: [(name: String, value: String)], body: [UInt8], isComplete: Bool, receivedAt: Int
    ) {
        self.receivedAt = receivedAt
        self.status = status
        self.headers = headers
        self.body = body
        self.isComplete = isComplete
    }

    /// The first header of that name, in any capitals, or `nil`.
    public func header(_ name: String) -> String? {
        headers.first { Self.isHeader($0.name, name) }?.value
    }

    /// The body as text; bytes that are no UTF-8 become U+FFFD.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The body as JSON; `nil` when it is none.
    public var json: JSON? { try? JSON(parsing: body) }

    /// A member of the JSON object in the body; `nil` when there is none of that name.
    public subscript(name: String) -> JSON? { json?[name] }

    /// The values of the cookies that were set, by name; removed ones are not among them.
    public var cookies: [String: String] {
        var values: [ByteKey: String] = [:]
        for cookie in receivedCookies { values[ByteKey(cookie.name)] = cookie.value }
        return Dictionary(values.map { ($0.key.text, $0.value) }) { first, _ in first }
    }

    struct ReceivedCookie {
        let name: String
        /// `nil` when the server removes it.
        let value: String?
    }

    var receivedCookies: [ReceivedCookie] {
        headers.filter { Self.isHeader($0.name, "set-cookie") }.compactMap { header in
            let parts = header.value.utf8.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
            guard let pair = parts.first, let equals = pair.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            let value = Self.trimmed(Substring(pair[pair.index(after: equals)...]))
            return ReceivedCookie(
                name: Self.trimmed(Substring(pair[..<equals])), value: isRemoved(parts.dropFirst()) ? nil : value)
        }
    }

    /// `Max-Age` counts more than `Expires`, and what cannot be read does not count (RFC 6265, 5.2 and 5.3).
    private func isRemoved(_ attributes: ArraySlice<Substring.UTF8View>) -> Bool {
        var (age, end): (Int?, Int?) = (nil, nil)
        for attribute in attributes {
            guard let equals = attribute.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let name = Self.trimmed(Substring(attribute[..<equals]))
            let value = Self.trimmed(Substring(attribute[attribute.index(after: equals)...]))
            if Self.isHeader(name, "max-age") { age = Int(value) ?? (value.hasPrefix("-") ? 0 : age) }
            if Self.isHeader(name, "expires") { end = CookieDate.seconds(value) ?? end }
        }
        if let age { return age <= 0 }
        return end.map { $0 <= receivedAt } ?? false
    }

    /// Letters of ASCII may be capitals, and no other character is one of them.
    static func isHeader(_ name: String, _ other: String) -> Bool {
        func small(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
        return name.utf8.lazy.map(small).elementsEqual(other.utf8.lazy.map(small))
    }

    private static func trimmed(_ text: Substring) -> String {
        var rest = text.drop { $0 == " " }
        while rest.last == " " { rest.removeLast() }
        return String(rest)
    }
}
