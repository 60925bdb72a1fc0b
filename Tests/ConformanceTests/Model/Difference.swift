// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// One thing in which our answer is not the recorded one.
struct Difference: Sendable, Hashable, CustomStringConvertible {
    /// What differs: `status`, `header NAME`, `header order`, `body.PATH`, `line` and others.
    let field: String
    /// Masked; `nil` where the reference has nothing of the kind.
    let recorded: String?
    /// Masked; `nil` where we have nothing of the kind.
    let ours: String?

    /// The form that `docs/differences.md` has.
    var description: String {
        ([" \(field)"] + [recorded.map { "-\($0)" }, ours.map { "+\($0)" }].compactMap { $0 }).joined(separator: "\n")
    }

    /// Compares values by field.
    static func between(
        _ recorded: [(field: String, value: String)], _ ours: [(field: String, value: String)]
    )
        -> [Difference]
    {
        let fields =
            recorded.map(\.field) + ours.map(\.field).filter { field in !recorded.contains { $0.field == field } }
        return fields.compactMap { field in
            let left = recorded.first { $0.field == field }?.value
            let right = ours.first { $0.field == field }?.value
            return left == right ? nil : Difference(field: field, recorded: left, ours: right)
        }
    }

    /// Compares lines; what has moved is both missing and new.
    static func betweenLines(_ recorded: [String], _ ours: [String]) -> [Difference] {
        let changes = ours.difference(from: recorded)
        return changes.removals.map { Difference(field: "line", recorded: $0.element, ours: nil) }
            + changes.insertions.map { Difference(field: "line", recorded: nil, ours: $0.element) }
    }
}

extension CollectionDifference.Change {
    fileprivate var element: ChangeElement {
        switch self {
        case .insert(_, let element, _), .remove(_, let element, _): element
        }
    }
}
