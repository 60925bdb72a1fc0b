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

    /// What would be taken over.
    package struct Running: Sendable {
        /// What serves.
        package let generation: GenerationID?
        private let rolledBack: [RolledBack]

        init(_ machine: ClusterMachine) {
            generation = machine.current
            rolledBack = machine.rolledBack
        }

        /// - Parameter content: Of what is on disk.
        /// - Returns: Why it is not deployed again by itself; `nil` when it may be.
        package func refusal(of content: String) -> String? {
            rolledBack.first { $0.generation.content == content }?.refusal
        }
    }

    /// - Parameter orders: The master's.
    /// - Returns: What would be taken over.
    /// - Throws: ``MasterFailure`` or `BoardFault` with what this program cannot take over.
    package static func run(_ orders: WorkerOrders) throws -> Running {
        guard let descriptor = orders.handOver, lseek(descriptor, 0, SEEK_SET) == 0 else {
            throw MasterFailure("the running executable shows nothing of what it would hand over; restart the cluster")
        }
        let handOver = try check(JSON(parsing: HandOver.bytes(of: descriptor)))
        _ = try WorkerBoard(inherited: orders.board)
        return Running(handOver.machine)
    }

    /// - Parameter state: What would be handed over.
    /// - Returns: What could be read.
    /// - Throws: ``MasterFailure`` when it cannot be read, or when something of it would be lost.
    @discardableResult
    static func check(_ state: JSON) throws -> HandOver {
        let format = state["format"]?.intValue ?? 1
        guard format <= HandOver.format else {
            throw MasterFailure(
                "the running executable hands over format \(format), this one reads \(HandOver.format); restart the cluster"
            )
        }
        let (handOver, again): (HandOver, JSON)
        do {
            handOver = try state.decode(HandOver.self)
            again = try JSON(handOver)
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
        return handOver
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
