// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import CHero
internal import Glibc

/// What a child of the master is to do; handed over in its environment.
package struct WorkerOrders: Codable, Sendable {
    package enum Role: String, Codable, Sendable {
        /// Serve.
        case worker
        /// Check and freeze what is on disk.
        case check
        /// Say whether this executable can take over from the one that runs.
        case upgradeCheck
    }

    /// The variable of the environment.
    package static let variable = "HERO_WORKER"

    /// Signals that mean something to the master only, or that it passes on in its own way.
    package static let signalsForTheMaster = [SIGUSR1, SIGUSR2, SIGHUP, SIGTTIN, SIGTTOU, hero_upgrade_signal()]

    package let role: Role
    /// Descriptor of the socket to the master.
    package let channel: Int32
    /// The number in the title.
    package var id = 0
    /// The generation to load.
    package var generation = 0
    /// Descriptor of the board, and the place on it.
    package var board: Int32 = -1
    package var slot = 0
    /// Descriptors that stay open for as long as this process lives, and are for no child of it; `nil` from a master that
    /// has none.
    package var held: [Int32]?
    /// Memory file with what the master would hand over now, for a check; the board is beside it.
    package var handOver: Int32?
    /// The project as the master knows it, where that is a link which leads to this release now.
    package var projectLink: String?
    /// Descriptors of the listening sockets by the name of their server.
    package var listen: [String: Int32] = [:]

    package init(role: Role, channel: Int32) {
        self.role = role
        self.channel = channel
    }

    /// - Returns: `nil` when this process is no child of a master.
    /// - Throws: When somebody else has set the variable.
    package static func from(_ environment: [String: String]) throws -> WorkerOrders? {
        guard let text = environment[variable] else { return nil }
        return try JSON(parsing: text).decode(WorkerOrders.self)
    }

    package var text: String { (try? JSON(self))?.description ?? "" }
}
