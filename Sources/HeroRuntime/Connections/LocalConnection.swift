// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
internal import HeroSystem
internal import Synchronization

/// A connection that begins and ends inside this process: in-line calls, commands, tests.
package final class LocalConnection: ConnectionHost {
    package let id: String
    package let type: String
    package let remoteIP: String
    package let remotePort = 0
    package let connectedAtMilliseconds: Int
    package let session = Session()
    private let state = Mutex((values: ConnectionValues(), isDestroyed: false))
    package var fingerprint: String { id }
    package var requestHost: (any RequestHost)? { nil }

    /// - Parameters:
    ///   - type: `in-line-action`, `cli`, `testServer`, …
    ///   - remoteIP: What stands in for an address; the reference has `0` for in-line calls.
    package init(type: String, remoteIP: String) {
        self.type = type
        self.remoteIP = remoteIP
        id = UUID4.random().text
        connectedAtMilliseconds = WallTime.now.milliseconds
    }

    package func send(_ message: JSON) async throws {
        throw ActionError("a connection of type \(type) cannot be sent messages; return the answer")
    }

    package func destroy() async { state.withLock { $0.isDestroyed = true } }

    package var isDestroyed: Bool { state.withLock { $0.isDestroyed } }
    package var values: JSON.Object { state.withLock { $0.values.all } }
    package func set(_ name: String, _ value: JSON) throws {
        try state.withLock { try $0.values.set(name, value) }
    }
}
