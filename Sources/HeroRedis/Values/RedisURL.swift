// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A server as one text: `redis://user:password@host:port/database`, `rediss://` for TLS, `unix:///path?db=1`.
package struct RedisURL: Sendable, Hashable {
    package var endpoint: RedisEndpoint
    package var user: String?
    package var password: String?
    /// `nil` when the URL names none.
    package var database: Int?
    package var usesTLS = false

    /// - Parameters:
    ///   - text: Reserved characters of user, password and path are written as `%` and two hexadecimal digits.
    ///   - usualPort: For a URL without one.
    /// - Throws: ``RedisError`` of kind `invalid`, without the password.
    package init(_ text: String, usualPort: Int = RedisEndpoint.usualPort) throws(RedisError) {
        func refusal(_ why: String) -> RedisError { RedisError(.invalid, "\(Self.masked(text)) \(why)") }
        guard let colons = text.range(of: "://") else {
            throw refusal("is no URL of a Redis server: redis://host:port/database")
        }
        let scheme = text[..<colons.lowerBound].lowercased()
        guard ["redis", "rediss", "unix"].contains(scheme) else {
            throw refusal("does not begin with redis://, rediss:// or unix://")
        }
        let (front, query) = Self.split(text[colons.upperBound...], at: "?")
        let slash = front.firstIndex(of: "/") ?? front.endIndex
        var place = front[..<slash]
        let path = front[slash...]
        endpoint = .unix(path: "")
        if let at = place.lastIndex(of: "@") {
            let (name, secret) = Self.split(place[..<at], at: ":")
            password = secret.flatMap(Self.decoded)
            guard let name = Self.decoded(name), secret == nil || password != nil else {
                throw refusal("has a user or password with a % that two hexadecimal digits do not follow")
            }
            user = name.isEmpty ? nil : name
            place = place[place.index(after: at)...]
        }
        guard user == nil || password != nil else { throw refusal("names a user without a password") }
        if scheme == "unix" {
            guard place.isEmpty, path.count > 1, let path = Self.decoded(path) else {
                throw refusal("names no socket: unix:///path/of/redis.sock")
            }
            endpoint = .unix(path: path)
        } else {
            usesTLS = scheme == "rediss"
            guard let found = Self.place(place, usualPort) else {
                throw refusal("has no host, or a port that is no number from 1 to 65535")
            }
            endpoint = found
            if path.count > 1 {
                guard let number = Self.number(path.dropFirst()) else {
                    throw refusal("names a database that is no number: redis://host:port/0")
                }
                database = number
            }
        }
        for parameter in (query ?? "").split(separator: "&") {
            let (key, value) = Self.split(parameter, at: "=")
            guard key == "db", let number = value.flatMap(Self.number) else {
                throw refusal("has parameters other than ?db= and a number")
            }
            database = number
        }
    }

    /// The text without a password, for messages.
    package static func masked(_ text: String) -> String {
        guard let colons = text.range(of: "://"), let at = text.lastIndex(of: "@"), at >= colons.upperBound,
            let colon = text[colons.upperBound..<at].firstIndex(of: ":")
        else { return text }
        return text[...colon] + "***" + text[at...]
    }

    private static func place(_ text: Substring, _ usualPort: Int) -> RedisEndpoint? {
        var (host, rest) = (text, Substring())
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<end]
            rest = text[text.index(after: end)...]
        } else if let colon = text.firstIndex(of: ":") {
            (host, rest) = (text[..<colon], text[colon...])
        }
        guard !host.isEmpty else { return nil }
        if rest.isEmpty { return .tcp(host: String(host), port: usualPort) }
        guard rest.first == ":", let port = number(rest.dropFirst()), (1...65_535).contains(port) else { return nil }
        return .tcp(host: String(host), port: port)
    }

    private static func number(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { (48...57).contains($0) } ? Int(text) : nil
    }

    private static func split(_ text: Substring, at mark: Character) -> (Substring, Substring?) {
        guard let position = text.firstIndex(of: mark) else { return (text, nil) }
        return (text[..<position], text[text.index(after: position)...])
    }

    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension String {
    /// The first place of a text; Foundation's function of this name is not to be had here.
    fileprivate func range(of text: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if let end = index(start, offsetBy: text.count, limitedBy: endIndex), self[start..<end] == text {
                return start..<end
            }
            start = index(after: start)
        }
        return nil
    }
}
