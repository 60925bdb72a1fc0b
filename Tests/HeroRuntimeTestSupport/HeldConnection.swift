// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
package import HeroRuntime
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// A client as a server of any kind would have it.
package final class HeldConnection: ConnectionHost {
    private struct State {
        var sent: [JSON] = []
        var values = ConnectionValues()
        var isDestroyed = false
    }

    package let id: String
    package let type = "custom"
    package let remoteIP = "192.0.2.1"
    package let remotePort = 4711
    package let connectedAtMilliseconds = 1
    package let session = Session()
    package let rooms = ["lobby"]
    package let canChat = true
    package let totalActions = 3
    private let state = Mutex(State())

    package init(_ id: String) { self.id = id }

    package var fingerprint: String { id }
    package var requestHost: (any RequestHost)? { nil }
    package var sent: [JSON] { state.withLock { $0.sent } }
    package var isDestroyed: Bool { state.withLock { $0.isDestroyed } }
    package var values: JSON.Object { state.withLock { $0.values.all } }
    package func set(_ name: String, _ value: JSON) throws {
        try state.withLock { try $0.values.set(name, value) }
    }
    package func send(_ message: JSON) async throws { state.withLock { $0.sent.append(message) } }
    package func sendFile(_ path: String) async throws { state.withLock { $0.sent.append(["file": .string(path)]) } }
    package func destroy() async { state.withLock { $0.isDestroyed = true } }
}

/// A registry on a loop, as a server has one.
package struct LoopOfConnections {
    private let loop = NIOSingletons.posixEventLoopGroup.next()
    private let registry: NIOLoopBoundBox<ConnectionRegistry>

    package init(_ directory: ConnectionDirectory) {
        let (loop, registry) = (
            loop, NIOLoopBoundBox.makeBoxSendingValue(ConnectionRegistry(), eventLoop: loop)
        )
        self.registry = registry
        _ = directory.attach { look in loop.execute { look(registry.value) } }
    }

    package func add(_ connection: HeldConnection) async throws {
        try await loop.submit { [registry] in registry.value.add(connection) }.get()
    }

    package func remove(_ connection: HeldConnection) async throws {
        try await loop.submit { [registry] in registry.value.remove(connection) }.get()
    }
}
