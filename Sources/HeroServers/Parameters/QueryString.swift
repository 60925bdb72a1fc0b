// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
internal import HeroSystem

/// Parses query strings with nested names, `a[b]=c&list[]=1`, the way the reference's parser (qs) does.
package struct QueryString: Sendable {
    /// `web.queryParseOptions`.
    package struct Options: Decodable, Sendable {
        /// Brackets that are followed; what lies deeper stays one name.
        let depth: Int
        /// Highest index that makes a list; higher ones make an object.
        let arrayLimit: Int
        /// Parameters behind that many are ignored.
        let parameterLimit: Int
        /// What stands between two parameters.
        package let delimiter: String

        package init(depth: Int = 5, arrayLimit: Int = 20, parameterLimit: Int = 1000, delimiter: String = "&") {
            self.depth = depth
            self.arrayLimit = arrayLimit
            self.parameterLimit = parameterLimit
            self.delimiter = delimiter
        }
    }

    private let options: Options
    private let delimiter: [UInt8]

    package init(options: Options = Options()) {
        self.options = options
        delimiter = Array(options.delimiter.utf8)
    }

    /// - Parameter query: Without the question mark.
    /// - Returns: Parameters in the order of their first appearance.
    package func parse(_ query: some Collection<UInt8>) -> JSON.Object {
        var merged = JSON.Object()
        var hasLists = false
        for (name, values) in pairs(query) {
            let leaf = values.count == 1 ? JSON.string(values[0]) : .array(values.map { .string($0) })
            let segments = segments(of: name)
            guard let root = segments.first else { continue }
            hasLists = hasLists || segments.count > 1
            QueryMerging.merge([root: nest(segments.dropFirst(), leaf)], into: &merged)
        }
        return hasLists ? QueryMerging.compacted(merged) : merged
    }

    private func pairs(_ query: some Collection<UInt8>) -> [(name: String, values: [String])] {
        var result: [(name: String, values: [String])] = []
        var positions: [ByteKey: Int] = [:]
        for part in parts(query).prefix(options.parameterLimit) {
            let (name, value) = Self.divide(part)
            if let position = positions[ByteKey(name)] {
                result[position].values.append(value)
            } else {
                positions[ByteKey(name)] = result.count
                result.append((name, [value]))
            }
        }
        return result
    }

    private func parts<Query: Collection<UInt8>>(_ query: Query) -> [Query.SubSequence] {
        if delimiter.count == 1 { return query.split(separator: delimiter[0]) }
        return query.split(separator: delimiter).filter { !$0.isEmpty }
    }

    /// The value begins behind `]=`, so that brackets may hold an equals sign, otherwise behind the first `=`.
    private static func divide(_ part: some Collection<UInt8>) -> (name: String, value: String) {
        let bytes = Array(part)
        var equals = bytes.firstIndex(of: UInt8(ascii: "="))
        if let bracket = bytes.firstRange(of: Array("]=".utf8)) { equals = bracket.lowerBound + 1 }
        guard let equals else { return (PercentEncoding.decodeLeniently(bytes, plusIsSpace: true), "") }
        return (
            PercentEncoding.decodeLeniently(bytes[..<equals], plusIsSpace: true),
            PercentEncoding.decodeLeniently(bytes[(equals + 1)...], plusIsSpace: true)
        )
    }

    /// `a[b][c]` is a, b, c.
    ///
    /// Nothing is returned for names that would reach into JavaScript's prototypes: clients of the reference never see
    /// them arrive.
    private func segments(of name: String) -> [String] {
        let bytes = name.utf8
        let (opening, closing) = (UInt8(ascii: "["), UInt8(ascii: "]"))
        guard let bracket = bytes.firstIndex(of: opening), bytes[bracket...].contains(closing) else {
            return Self.prototypeNames.contains(name) ? [] : [name]
        }
        var segments: [String] = []
        if bracket != name.startIndex { segments.append(String(name[..<bracket])) }
        var rest = bytes[bracket...]
        while segments.count <= options.depth, let open = rest.firstIndex(of: opening),
            let close = rest[open...].firstIndex(of: closing)
        {
            segments.append(String(Substring(rest[rest.index(after: open)..<close])))
            rest = rest[rest.index(after: close)...]
        }
        if rest.contains(opening) { segments.append(String(Substring(rest))) }
        return segments.contains(where: Self.prototypeNames.contains) ? [] : segments
    }

    private static let prototypeNames: Set<String> = [
        "__proto__", "constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString",
        "toString", "valueOf", "__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__",
    ]

    private func nest(_ segments: ArraySlice<String>, _ leaf: JSON) -> JSON {
        var value = leaf
        for segment in segments.reversed() {
            if segment.isEmpty {
                if case .array = value { continue }
                value = [value]
            } else if let index = Int(segment), index >= 0, String(index) == segment, index <= options.arrayLimit {
                value = .array(Array(repeating: .null, count: index) + [value])
            } else {
                value = .object([segment: value])
            }
        }
        return value
    }
}
