// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

/// The lines of `INFO`.
struct RedisInfo {
    private let values: [Substring: Substring]
    /// `slave0` and so on: what follows the colon.
    let replicas: [Substring]

    init(_ text: String) {
        var values: [Substring: Substring] = [:]
        var replicas: [Substring] = []
        for line in text.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let (name, value) = (line[..<colon], line[line.index(after: colon)...])
            values[name] = value
            if name.hasPrefix("slave"), value.contains("state=") { replicas.append(value) }
        }
        self.values = values
        self.replicas = replicas
    }

    subscript(name: Substring) -> String? { values[name].map(String.init) }
    func number(_ name: Substring) -> Int? { values[name].flatMap { Int($0) } }

    /// `lag` of `ip=…,state=online,lag=1`.
    static func field(_ name: String, of replica: Substring) -> Substring? {
        replica.split(separator: ",").first { $0.hasPrefix("\(name)=") }?.dropFirst(name.count + 1)
    }
}
