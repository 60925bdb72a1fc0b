// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroCore
import NIOCore
import NIOPosix
import Synchronization

/// A client as a server of any kind would have it.
final class HeldConnection: ConnectionHost {
    private struct State {
        var sent: [JSON] = []
        var values = JSON.Object()
        var isDestroyed = false
    }

    let id: String
    let type = "custom"
    let remoteIP = "192.0.2.1"
    let remotePort = 4711
    let connectedAtMilliseconds = 1
    let session = Session()
    let rooms = ["lobby"]
    let canChat = true
    let totalActions = 3
    private let state = Mutex(State())

    init(_ id: String) { self.id = id }

    var fingerprint: String { id }
    var requestHost: (any RequestHost)? { nil }
    var sent: [JSON] { state.withLock { $0.sent } }
    var isDestroyed: Bool { state.withLock { $0.isDestroyed } }
    var values: JSON.Object { state.withLock { $0.values } }
    func set(_ name: String, _ value: JSON) { state.withLock { $0.values[name] = value } }
    func send(_ message: JSON) async throws { state.withLock { $0.sent.append(message) } }
    func sendFile(_ path: String) async throws { state.withLock { $0.sent.append(["file": .string(path)]) } }
    func destroy() async { state.withLock { $0.isDestroyed = true } }
}

/// A registry on a loop, as a server has one.
struct LoopOfConnections {
    private let loop = NIOSingletons.posixEventLoopGroup.next()
    private let registry: NIOLoopBoundBox<ConnectionRegistry>

    init(_ directory: ConnectionDirectory) {
        let (loop, registry) = (
            loop, NIOLoopBoundBox.makeBoxSendingValue(ConnectionRegistry(), eventLoop: loop)
        )
        self.registry = registry
        _ = directory.attach { look in loop.execute { look(registry.value) } }
    }

    func add(_ connection: HeldConnection) async throws {
        try await loop.submit { [registry] in registry.value.add(connection) }.get()
    }

    func remove(_ connection: HeldConnection) async throws {
        try await loop.submit { [registry] in registry.value.remove(connection) }.get()
    }
}
