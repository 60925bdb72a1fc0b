// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroSystem

/// Merging of values whose names share their beginning.
///
/// Values are plain JSON: text, lists and objects; `null`, which no query can spell, marks a hole in a list.
enum QueryMerging {
    static func merge(_ other: JSON, into target: inout JSON) {
        switch (target, other) {
        case (.null, _): target = other
        case (.array(var ours), .array(let theirs)):
            target = .null
            merge(theirs, into: &ours)
            target = .array(ours)
        case (.array(var ours), .string):
            target = .null
            ours.append(other)
            target = .array(ours)
        case (.array(let ours), .object(let theirs)):
            var members = asObject(ours)
            merge(theirs, into: &members)
            target = .object(members)
        case (.object(var members), .object(let theirs)):
            // Without this the members would be shared with the target and copied for each name.
            target = .null
            merge(theirs, into: &members)
            target = .object(members)
        case (.object(var members), .array(let theirs)):
            target = .null
            merge(asObject(theirs), into: &members)
            target = .object(members)
        case (.object, .string(let name)): target[name] = "true"
        case (.string(let name), .object(var members)):
            members[name] = members[name] ?? "true"
            target = .object(members)
        case (.string, .array(let theirs)): target = .array([target] + theirs)
        default: target = .array([target, other])
        }
    }

    static func merge(_ theirs: JSON.Object, into members: inout JSON.Object) {
        for (name, value) in theirs {
            guard var known = members[name] else {
                members[name] = value
                continue
            }
            members[name] = .null
            merge(value, into: &known)
            members[name] = known
        }
    }

    private static func merge(_ theirs: [JSON], into ours: inout [JSON]) {
        for (index, value) in theirs.enumerated() where !value.isNull {
            if index >= ours.count {
                ours += Array(repeating: .null, count: index - ours.count) + [value]
            } else if ours[index].isNull {
                ours[index] = value
            } else if case .object = ours[index], case .object = value {
                merge(value, into: &ours[index])
            } else {
                ours.append(value)
            }
        }
    }

    private static func asObject(_ elements: [JSON]) -> JSON.Object {
        var members = JSON.Object()
        for (index, value) in elements.enumerated() where !value.isNull { members[String(index)] = value }
        return members
    }

    /// The value without the holes of its lists.
    static func compacted(_ value: JSON) -> JSON {
        switch value {
        case .array(let elements): return .array(elements.filter { !$0.isNull }.map(compacted))
        case .object(let members): return .object(compacted(members))
        case .null, .bool, .integer, .number, .string: return value
        }
    }

    static func compacted(_ members: JSON.Object) -> JSON.Object {
        var result = JSON.Object()
        for (name, value) in members { result[name] = compacted(value) }
        return result
    }
}
