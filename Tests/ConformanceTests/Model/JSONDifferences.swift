// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero

/// Says where two JSON texts differ that are not the same bytes.
struct JSONDifferences {
    private let masks: Masks
    private var found: [Difference] = []

    private init(_ masks: Masks) { self.masks = masks }

    /// - Returns: `nil` when one of the texts is not JSON.
    static func between(_ recorded: String, _ ours: String, masks: Masks) -> [Difference]? {
        guard let left = try? JSON(parsing: recorded), let right = try? JSON(parsing: ours) else { return nil }
        var comparison = JSONDifferences(masks)
        comparison.compare("body", left, right)
        return comparison.found
    }

    private mutating func compare(_ path: String, _ recorded: JSON, _ ours: JSON) {
        switch (recorded, ours) {
        case (.object(let left), .object(let right)): compareMembers(path, left, right)
        case (.array(let left), .array(let right)) where left.count == right.count:
            for (index, pair) in zip(left, right).enumerated() { compare("\(path)[\(index)]", pair.0, pair.1) }
        default: note(path, recorded, ours)
        }
    }

    private mutating func compareMembers(_ path: String, _ recorded: JSON.Object, _ ours: JSON.Object) {
        for (name, value) in recorded {
            if let other = ours[name] {
                compare("\(path).\(name)", value, other)
            } else {
                note("\(path).\(name)", value, nil)
            }
        }
        for (name, value) in ours where recorded[name] == nil { note("\(path).\(name)", nil, value) }
        let common = (recorded.names.filter { ours[$0] != nil }, ours.names.filter { recorded[$0] != nil })
        if common.0 != common.1 {
            found.append(
                Difference(
                    field: "\(path) order", recorded: common.0.joined(separator: ", "),
                    ours: common.1.joined(separator: ", ")))
        }
    }

    private mutating func note(_ path: String, _ recorded: JSON?, _ ours: JSON?) {
        let name = path.split(separator: ".").last.map(String.init) ?? path
        // A recording names no patterns for what only we answer.
        let ourMasks = recorded == nil ? masks.adding("uuid", "requestDuration", "ms-timestamp", "iso-date") : masks
        let (left, right) = (recorded.map { masked(name, $0, masks) }, ours.map { masked(name, $0, ourMasks) })
        if left != right { found.append(Difference(field: path, recorded: left, ours: right)) }
    }

    /// Some patterns cover a member's name together with its value.
    private func masked(_ name: String, _ value: JSON, _ masks: Masks) -> String {
        let prefix = "\"\(name)\": "
        let text = masks.apply(prefix + value.description)
        return text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text
    }
}
