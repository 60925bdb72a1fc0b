// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroSystem
internal import Synchronization

/// What all servers of one loop have to do together, noted for the master and for the other workers.
package final class LoopTraffic: Sendable {
    /// What other workers do, and the place of this one; `nil` without a cluster.
    private let place: (board: WorkerBoard, slot: Int)?
    private let slot: BoardSlot?
    /// Servers that take connections.
    private let accepting = Mutex(0)

    package init(_ place: (board: WorkerBoard, slot: Int)?) {
        self.place = place
        slot = place.map { $0.board.slot($0.slot) }
    }

    /// - Parameter change: How many connections of one server have come, or gone below zero.
    package func connectionsChanged(by change: Int) { slot?.changeConnections(by: change) }

    /// One more server takes connections.
    package func beginAccepting() {
        accepting.withLock { servers in
            servers += 1
            if servers == 1 { slot?.isAccepting = true }
        }
    }

    /// One of the servers takes no more; the others go on.
    package func endAccepting() {
        accepting.withLock { servers in
            servers -= 1
            if servers == 0 { slot?.isAccepting = false }
        }
    }

    /// The master takes the right to accept away before the message to stop arrives.
    package var mayAccept: Bool { slot?.isAccepting ?? true }

    /// Whether another worker has clearly fewer connections.
    ///
    /// Small differences come and go with every request of clients that connect for each, and are not worth a wait.
    package var isAhead: Bool {
        guard let (board, own) = place, let slot, let fewest = board.fewestConnections(except: own) else {
            return false
        }
        return slot.connections > fewest + fewest / 4 + 2
    }
}
