// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials

/// Turns `Encodable` values into JSON with the members in the order in which they were encoded, which Foundation's
/// encoder does not promise.
enum JSONEncoding {
    static func node(of value: some Encodable, path: [any CodingKey] = []) throws -> JSONNode.Slot {
        if let plain = try plainValue(of: value, path: path) { return .value(plain) }
        let node = JSONNode(path: path)
        try value.encode(to: node)
        return .node(node)
    }

    /// Types whose own `encode(to:)` would not yield what JSON users expect.
    private static func plainValue<T: Encodable>(of value: T, path: [any CodingKey]) throws -> JSON? {
        if T.self == JSON.self { return value as? JSON }
        if T.self == Date.self, let date = value as? Date {
            guard date.isOnCalendar else {
                throw JSONEncodingError(path: path.text, value: "a date \(date.timeIntervalSince1970) s from 1970")
            }
            let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
            return .string(date.formatted(style))
        }
        if T.self == Data.self, let data = value as? Data { return .string(data.base64EncodedString()) }
        if T.self == URL.self, let url = value as? URL { return .string(url.absoluteString) }
        if T.self == Decimal.self, let decimal = value as? Decimal {
            guard !decimal.isNaN, let number = JSON.exact(decimal.description) else {
                throw JSONEncodingError(path: path.text, value: decimal.description)
            }
            return number
        }
        return nil
    }
}
