// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
internal import Glibc
internal import HeroSystem

/// What a child of a new executable does before that takes over: it reads what the running master would hand over, because
/// after the change nobody would be left to carry on.
package enum UpgradeCheck {
    private static let member = "readsHandOver"

    /// What the child answers when it can take over.
    package static var accepted: JSON { [member: .bool(true)] }

    static func isAccepted(_ answer: JSON?) -> Bool { answer?[member]?.boolValue == true }

    /// - Parameter orders: The master's.
    /// - Throws: ``MasterFailure`` or `BoardFault` with what this program cannot take over.
    package static func run(_ orders: WorkerOrders) throws {
        guard let descriptor = orders.handOver, lseek(descriptor, 0, SEEK_SET) == 0 else {
            throw MasterFailure("the running executable shows nothing of what it would hand over; restart the cluster")
        }
        try check(JSON(parsing: HandOver.bytes(of: descriptor)))
        _ = try WorkerBoard(inherited: orders.board)
    }

    /// - Parameter state: What would be handed over.
    /// - Throws: ``MasterFailure`` when it cannot be read, or when something of it would be lost.
    static func check(_ state: JSON) throws {
        let format = state["format"]?.intValue ?? 1
        guard format <= HandOver.format else {
            throw MasterFailure(
                "the running executable hands over format \(format), this one reads \(HandOver.format); restart the cluster"
            )
        }
        let again: JSON
        do {
            again = try JSON(state.decode(HandOver.self))
        } catch {
            throw MasterFailure("what the running executable hands over cannot be read: \(error); restart the cluster")
        }
        // A member that is not written again is one that this program would forget.
        let lost = members(of: state).subtracting(members(of: again)).sorted()
        guard lost.isEmpty else {
            throw MasterFailure(
                "this executable does not know \(lost.prefix(5).joined(separator: ", ")), which the running one hands over; "
                    + "restart the cluster")
        }
    }

    /// Paths of all members, those in arrays without their positions: sets have no order.
    static func members(of value: JSON) -> Set<String> {
        var found: Set<String> = []
        collect(value, "", &found)
        return found
    }

    private static func collect(_ value: JSON, _ path: String, _ found: inout Set<String>) {
        if let object = value.objectValue {
            for (name, member) in object where !member.isNull {
                let path = path.isEmpty ? name : "\(path).\(name)"
                found.insert(path)
                collect(member, path, &found)
            }
        }
        for element in value.arrayValue ?? [] { collect(element, path, &found) }
    }
}
