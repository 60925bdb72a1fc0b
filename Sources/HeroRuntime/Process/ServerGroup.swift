// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroLog
internal import Synchronization

/// The servers of a process, which come into being while its initializers start.
final class ServerGroup: Sendable {
    /// The step of the initializers at which servers open their sockets; part of what log lines and `after` say.
    static let name = "servers"

    private let log: LogRouter
    private let onFailure: @Sendable (_ server: String, any Error) -> Void
    private let make: @Sendable () async throws -> [any HeroServer]
    private let servers = Mutex<[any HeroServer]>([])
    /// Whether whoever asks how the process is, hears that it is starting; otherwise connections wait in the queue.
    private let opensEarly = Atomic<Bool>(false)

    /// - Parameters:
    ///   - log: Tells what starts and stops.
    ///   - onFailure: Called when a server cannot open its socket or accept connections.
    ///   - make: Called once, when the servers' turn to open their sockets has come.
    init(
        _ log: LogRouter, onFailure: @escaping @Sendable (_ server: String, any Error) -> Void = { _, _ in },
        make: @escaping @Sendable () async throws -> [any HeroServer]
    ) {
        self.log = log
        self.onFailure = onFailure
        self.make = make
    }

    var all: [any HeroServer] { servers.withLock { $0 } }

    /// From now on servers answer questions about the process as soon as they have their sockets.
    func openEarly() { opensEarly.store(true, ordering: .relaxed) }

    /// The place of the servers among the application's initializers.
    var place: InitializerChain.FrameworkStep {
        InitializerChain.FrameworkStep(
            name: Self.name, loadPriority: 599, startPriority: 900, stopPriority: 100,
            start: { _ in try await self.open() })
    }

    private func open() async throws {
        let made: [any HeroServer]
        do {
            made = try await make()
        } catch {
            onFailure(Self.name, error)
            throw error
        }
        servers.withLock { $0 = made }
        for server in made {
            let place = server.address.map { " @ \($0)" } ?? ""
            log.write(level: .notice, message: "Starting server: `\(server.name)`\(place)", data: [])
            if opensEarly.load(ordering: .relaxed) { try await server.open() }
        }
    }

    func accept() async throws {
        for server in all {
            do {
                try await server.accept()
            } catch {
                onFailure(server.name, error)
                throw error
            }
            log.write(level: .debug, message: "Server started: \(server.name)", data: [])
        }
    }

    func takeNothingNew() async {
        log.write(level: .debug, message: "Stopping initializer: \(Self.name)", data: [])
        for server in all { log.write(level: .notice, message: "Stopping server: \(server.name)", data: []) }
        await forEach { await $0.takeNothingNew() }
    }

    /// Waits until the connections have ended.
    func drain(_ plan: StopPlan) async {
        await forEach { await $0.stop(keepsSocket: plan.keepsSockets, plan.limits) }
        for server in all { log.write(level: .debug, message: "Server stopped: \(server.name)", data: []) }
        log.write(level: .debug, message: "Stopped initializer: \(Self.name)", data: [])
    }

    func shutDown() async { await forEach { await $0.shutDown() } }

    private func forEach(_ body: @escaping @Sendable (any HeroServer) async -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            for server in all { group.addTask { await body(server) } }
        }
    }
}
