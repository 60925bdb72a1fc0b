// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroCluster
import HeroSystem

/// Whether the sockets of a new configuration can be had, found out beside a process that has its own.
enum SocketTrial {
    /// - Parameters:
    ///   - wanted: Where servers are to listen.
    ///   - held: Where the running process listens.
    /// - Returns: Why one of them cannot be had.
    static func problem(_ wanted: [ClusterPlan.Listener], beside held: [ClusterPlan.Listener]) -> String? {
        for listener in wanted where !held.contains(where: { $0.address == listener.address }) {
            if let other = held.first(where: { $0.port == listener.port && $0.port ?? 0 > 0 }) {
                return "cannot start \(listener.name) server @ \(listener.address): the running process listens on "
                    + "\(other.address) and would have to close that first: stop the process and start it again"
            }
            do throws(ListenError) {
                try ListeningSocket(listener.address, access: listener.access).close()
            } catch {
                return "cannot start \(listener.name) server @ \(error)"
            }
        }
        return nil
    }
}
