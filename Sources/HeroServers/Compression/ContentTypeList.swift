// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Content types, some with an asterisk in place of what stands before or behind the slash's other half.
struct ContentTypeList: Sendable {
    private var exact: Set<String> = []
    private var beginnings: [String] = []
    private var endings: [String] = []

    /// - Parameter patterns: `application/json`, `text/*`, `*+json`.
    init(_ patterns: [String]) {
        for pattern in patterns.map({ $0.lowercased() }) {
            if pattern.hasSuffix("*") {
                beginnings.append(String(pattern.dropLast()))
            } else if pattern.hasPrefix("*") {
                endings.append(String(pattern.dropFirst()))
            } else {
                exact.insert(pattern)
            }
        }
    }

    /// - Parameter type: With or without parameters.
    /// - Returns: Whether a pattern covers it.
    func contains(_ type: String) -> Bool {
        let end = type.firstIndex { $0 == ";" || $0 == " " } ?? type.endIndex
        let name = type[..<end].lowercased()
        return exact.contains(name) || beginnings.contains { name.hasPrefix($0) }
            || endings.contains { name.hasSuffix($0) }
    }
}
