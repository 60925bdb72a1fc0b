// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroRuntime
import HeroServers
import HeroSystem
import NIOCore
import Synchronization

/// The web server of an application under test, begun by the first request of a test.
final class SpecServer: SpecHost {
    private struct Running: Sendable {
        let server: any HeroServer
        let port: Int
    }

    private let process: HeroProcess
    private let loop: ProcessLoop
    private let running = Mutex<Task<Running, any Error>?>(nil)

    /// - Parameters:
    ///   - process: The application with its initializers.
    ///   - loop: Carries server and clients; outlives both.
    init(_ process: HeroProcess, on loop: ProcessLoop) {
        self.process = process
        self.loop = loop
    }

    func fetch(_ request: SpecRequest) async throws -> SpecResponse {
        let start = running.withLock { running in
            // Ends by itself: it opens a socket.
            let task = running ?? Task { [process, loop] in try await Self.start(process, loop) }
            running = task
            return task
        }
        let port = try await start.value.port
        return try await SpecExchange.run(request, port: port, on: loop.eventLoop)
    }

    /// To be called when no test runs any more, before the initializers stop.
    func stop() async {
        guard let started = await running.withLock({ $0 })?.result, case .success(let running) = started else { return }
        await running.server.stop(keepsSocket: false, DrainLimits(totalMilliseconds: 1000))
        await running.server.shutDown()
    }

    private static func start(_ process: HeroProcess, _ loop: ProcessLoop) async throws -> Running {
        let application = process.application
        guard let plan = try ServerPlans(application, isPlain: true)[WebServerPlan.name] else {
            throw SpecHelperError(
                "the web server is off in the environment test; set web.enabled to true there to send requests")
        }
        // Never where the configuration says: a server of the project may be running there.
        let socket = try ListeningSocket(.tcp(host: "127.0.0.1", port: 0))
        defer { socket.close() }
        guard let port = socket.boundPort else { throw SpecHelperError("the web server has no port") }
        let server = try await plan.bind(
            ServerSite(application, process.processor, on: loop, inherited: try socket.duplicate()))
        try await server.accept()
        return Running(server: server, port: port)
    }
}
